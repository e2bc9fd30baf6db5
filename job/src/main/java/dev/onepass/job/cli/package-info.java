/** Commands next to the job: publishing anchor sets, and sending lost queries again. */
package dev.onepass.job.cli;
