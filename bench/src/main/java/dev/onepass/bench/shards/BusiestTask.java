package dev.onepass.bench.shards;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sharding.Shards;
import java.util.Arrays;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Traffic over the task threads of a job whose sequences are as frequent as Zipf's law says: the
 * i-th takes a share of all tokens in proportion to i^-exponent.
 *
 * @param sequences sequences of the one head
 * @param exponent of the law, 0 for equal ones
 * @param parallelism task threads
 */
public record BusiestTask(int sequences, double exponent, int parallelism) {

  /**
   * The share of all tokens that the busiest thread has.
   *
   * @param hot number of the most frequent sequences, which are sharded
   * @param count shards of each
   * @param naming sequences have other names, and so other places, for every number
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
