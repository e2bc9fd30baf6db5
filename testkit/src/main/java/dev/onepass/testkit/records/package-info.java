/** Clients that write and read the records of the job as a user's client does. */
package dev.onepass.testkit.records;
