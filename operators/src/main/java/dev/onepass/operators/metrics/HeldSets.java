// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import org.apache.flink.metrics.Gauge;

/**
 * The gauges of the anchor sets that a subtask holds, of all heads.
 *
 * @param count number of sets
 * @param older number of sets that are not among the newest versions of their heads
 * @param bytes bytes of all sets in a checkpoint
 */
public record HeldSets(Gauge<Integer> count, Gauge<Integer> older, Gauge<Long> bytes) {}
