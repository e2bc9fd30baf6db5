/** Reading of the anchors topic to its end, and publishing of sets. */
package dev.onepass.job.kafka.anchors;
