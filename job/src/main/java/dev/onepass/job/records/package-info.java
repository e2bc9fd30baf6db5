/** Decoding of records to events, encoding of replies and dead letters, and size limits. */
package dev.onepass.job.records;
