/** The fields of records, and the contract of readers and writers. */
package dev.onepass.job.format.fields;
