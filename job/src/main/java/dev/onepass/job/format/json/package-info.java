/** Readers and writers of records as JSON. */
package dev.onepass.job.format.json;
