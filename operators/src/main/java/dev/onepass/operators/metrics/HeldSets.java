package dev.onepass.operators.metrics;

import org.apache.flink.metrics.Gauge;

/**
 * What a subtask tells of the anchor sets that it holds, of all heads.
 *
 * @param count sets held
 * @param older those of them that are not among the newest that are kept in any case
 * @param bytes of all of them, as they are written into checkpoints
 */
public record HeldSets(Gauge<Integer> count, Gauge<Integer> older, Gauge<Long> bytes) {}
