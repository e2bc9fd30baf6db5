/** Sources that notice records which were gone before they were read. */
package dev.onepass.job.kafka.source;
