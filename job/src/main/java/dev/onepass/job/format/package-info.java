/** The record formats, and query ids read from records. */
package dev.onepass.job.format;
