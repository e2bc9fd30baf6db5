/** Records as they lie in the topics, how they become events, and how replies become records. */
package dev.onepass.job.records;
