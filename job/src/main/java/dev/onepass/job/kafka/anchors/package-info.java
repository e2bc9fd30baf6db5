/** The anchors topic: reading it to its end, and publishing sets. */
package dev.onepass.job.kafka.anchors;
