/** The commands next to the job: publishing anchor sets, and asking lost queries again. */
package dev.onepass.job.cli;
