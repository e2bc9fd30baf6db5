// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.shards;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sharding.Shards;
import java.util.Arrays;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * The distribution of traffic over the task threads of a job if the frequency of sequences follows
 * Zipf's law: the share of the i-th sequence is proportional to i^-exponent.
 *
 * @param sequences number of sequences
 * @param exponent exponent of the law, 0 for equal shares
 * @param parallelism number of task threads
 */
public record BusiestTask(int sequences, double exponent, int parallelism) {

  /**
   * Returns the share of all tokens that the busiest thread gets.
   *
   * @param hot number of the most frequent sequences, which are sharded
   * @param count number of shards of each
   * @param naming number of a set of sequence names, which determines their key groups
   */
  public double share(int hot, int count, int naming) {
    Shards shards = new Shards();
    double[] load = new double[parallelism];
    double all = 0;
    for (int i = 0; i < sequences; i++) {
      double traffic = Math.pow(i + 1, -exponent);
      all += traffic;
      SequenceKey sequence = new SequenceKey("default", "user-" + naming + "-" + i, 0);
      int parts = i < hot ? count : 1;
      for (int shard = 0; shard < parts; shard++) {
        int task =
            KeyGroupRangeAssignment.assignKeyToParallelOperator(
                shards.key(sequence, shard), Shards.KEY_GROUPS, parallelism);
        load[task] += traffic / parts;
      }
    }
    return Arrays.stream(load).max().orElseThrow() / all;
  }
}
