/** What a user can set, how it is read, and the sentences that say what is wrong with it. */
package dev.onepass.job.options;
