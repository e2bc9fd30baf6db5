// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Sample;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Sends a bounded number of query vectors and keys of each head to the learner. It is chained to
 * the decoder in every subtask, so the traffic of a head does not meet in one place. Each subtask
 * first sends its share of the sample; after that, it sends the n-th vector with probability share
 * / n.
 *
 * <p>A sequence with very many vectors must not displace the vectors of others. For this, sequences
 * are hashed into {@value #LANES} lanes, and each lane sends a small sample in addition.
 *
 * <p>The function has no state. After a restart it sends its share again, and the learner, which
 * has state, drops the samples that it does not need.
 */
public final class SampleFunction extends ProcessFunction<Event, Sample> {
  private static final long serialVersionUID = 1L;

  /** Limit for the vectors of one record, which are much alike. */
  private static final int MOST_OF_A_RECORD = 32;

  /** Number of lanes of a head. Together they send at most four times the share of the head. */
  private static final int LANES = 64;

  private static final int LANES_FOR_A_SHARE = 16;

  // The lists that are passed in are serializable.
  @SuppressWarnings("serial")
  private final List<HeadSpec> heads;

  private final int anchors;

  private transient Map<String, HeadSample> samples;

  /**
   * Creates a function that samples the heads for which the job learns a set.
   *
   * @param heads declared heads
   * @param options options of anchor sets
   */
  public SampleFunction(List<HeadSpec> heads, AnchorOptions options) {
    this.heads = AnchorLearning.learned(heads, options);
    anchors = options.count();
  }

  @Override
  public void open(OpenContext context) {
    int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
    samples = new HashMap<>();
    heads.forEach(
        head ->
            samples.put(
                head.name(),
                new HeadSample(head, SampleSizes.of(anchors, head.keyDim()).share(subtasks))));
  }

  @Override
  public void processElement(Event event, Context context, Collector<Sample> out) {
    if (samples.isEmpty()) {
      return;
    }
    HeadSample sample = samples.get(event.key().head());
    if (sample == null) {
      return;
    }
    long sequence = Reservoir.hash(event.key().sequence());
    if (event instanceof Event.Token token && !token.retract()) {
      sample.offerKey(token.vectorKey(), sequence, out);
    } else if (event instanceof Event.Query query) {
      sample.offerQueries(query, sequence, out);
    }
  }

  /** Samples the vectors of one head. */
  private static final class HeadSample {
    private final HeadSpec head;
    private final Choice keys;
    private final Choice queries;

    HeadSample(HeadSpec head, SampleSizes sizes) {
      this.head = head;
      keys = new Choice(head.seed(), sizes.keys());
      queries = new Choice(~head.seed(), sizes.queries());
    }

    void offerKey(float[] key, long sequence, Collector<Sample> out) {
      if (keys.isSent(sequence)) {
        out.collect(new Sample(head.name(), false, key, sequence));
      }
    }

    void offerQueries(Event.Query query, long sequence, Collector<Sample> out) {
      int step = (query.count() - 1) / MOST_OF_A_RECORD + 1;
      QueryBlock block =
          new QueryBlock(query.vectors(), query.count(), head.keyDim(), head.scale());
      for (int row = 0; row < query.count(); row += step) {
        if (queries.isSent(sequence)) {
          float[] scaled = new float[head.keyDim()];
          block.copyScaled(row, 1, scaled);
          out.collect(new Sample(head.name(), true, scaled, sequence));
        }
      }
    }
  }

  /** Chooses the vectors of one kind to send, over all sequences and in each lane. */
  private static final class Choice {
    private final long seed;
    private final int share;
    private final long[] inLane = new long[LANES];
    private long all;

    Choice(long seed, int share) {
      this.seed = seed;
      this.share = share;
    }

    boolean isSent(long sequence) {
      int lane = (int) Long.remainderUnsigned(sequence, LANES);
      int laneShare = (share - 1) / LANES_FOR_A_SHARE + 1;
      boolean ofAll = Reservoir.place(seed, all++, share) != Reservoir.NONE;
      boolean ofLane =
          Reservoir.place(seed + lane + 1, inLane[lane]++, laneShare) != Reservoir.NONE;
      return ofAll || ofLane;
    }
  }
}
