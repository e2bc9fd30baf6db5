/** Records as Protobuf. */
package dev.onepass.job.format.protobuf;
