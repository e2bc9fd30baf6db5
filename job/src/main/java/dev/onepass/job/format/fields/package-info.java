/** The fields of records, and the base of readers and writers of all formats. */
package dev.onepass.job.format.fields;
