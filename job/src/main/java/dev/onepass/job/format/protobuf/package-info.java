/** Readers and writers of records as Protobuf. */
package dev.onepass.job.format.protobuf;
