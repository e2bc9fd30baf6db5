/** The record formats. */
package dev.onepass.job.format;
