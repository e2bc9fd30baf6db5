/**
 * Real attention heads: the queries, keys and values that a small sentence encoder computes over a
 * real text. Knows nothing of Kafka or Flink.
 */
package dev.onepass.demo.heads;
