/** The options of the job: their declaration, their readers and the checks of their values. */
package dev.onepass.job.options;
