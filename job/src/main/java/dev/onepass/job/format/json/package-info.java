/** Records as JSON. */
package dev.onepass.job.format.json;
