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
 * Lets a bounded number of queries and keys of each head pass to the learner. It sits in the
 * decoder's chain, in every subtask, so that the traffic of a head never meets in one place: each
 * subtask passes its share of the sample at once and then, of the n-th vector, share / n.
 *
 * <p>So that a sequence with very many vectors does not keep those of others from passing, each of
 * {@value #LANES} lanes, into which sequences fall by their hash, passes a small sample of its own
 * beside that.
 *
 * <p>Nothing is kept across restarts: each passes so many vectors again, and the learner, which
 * remembers, drops what it does not need.
 */
public final class SampleFunction extends ProcessFunction<Event, Sample> {
  private static final long serialVersionUID = 1L;

  /** Candidates of one record are much alike. */
  private static final int MOST_OF_A_RECORD = 32;

  /** Lanes of a head. What they pass together is at most four times its share. */
  private static final int LANES = 64;

  private static final int LANES_FOR_A_SHARE = 16;

  private final List<HeadSpec> heads;
  private final int anchors;

  private transient Map<String, HeadSample> samples;

  /** Samples of those heads that a set is to be learned for. */
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

  /** What passed of one head. */
  private static final class HeadSample {
    private final HeadSpec head;
    private final Passage keys;
    private final Passage queries;

    HeadSample(HeadSpec head, SampleSizes sizes) {
      this.head = head;
      keys = new Passage(head.seed(), sizes.keys());
      queries = new Passage(~head.seed(), sizes.queries());
    }

    void offerKey(float[] key, long sequence, Collector<Sample> out) {
      if (keys.passes(sequence)) {
        out.collect(new Sample(head.name(), false, key, sequence));
      }
    }

    void offerQueries(Event.Query query, long sequence, Collector<Sample> out) {
      int step = (query.count() - 1) / MOST_OF_A_RECORD + 1;
      QueryBlock block =
          new QueryBlock(query.vectors(), query.count(), head.keyDim(), head.scale());
      for (int row = 0; row < query.count(); row += step) {
        if (queries.passes(sequence)) {
          float[] scaled = new float[head.keyDim()];
          block.copyScaled(row, 1, scaled);
          out.collect(new Sample(head.name(), true, scaled, sequence));
        }
      }
    }
  }

  /** Which vectors of one kind pass, by how many there were, of all sequences and in each lane. */
  private static final class Passage {
    private final long seed;
    private final int share;
    private final long[] inLane = new long[LANES];
    private long all;

    Passage(long seed, int share) {
      this.seed = seed;
      this.share = share;
    }

    boolean passes(long sequence) {
      int lane = (int) Long.remainderUnsigned(sequence, LANES);
      int laneShare = (share - 1) / LANES_FOR_A_SHARE + 1;
      boolean ofAll = Reservoir.place(seed, all++, share) != Reservoir.NONE;
      boolean ofLane =
          Reservoir.place(seed + lane + 1, inLane[lane]++, laneShare) != Reservoir.NONE;
      return ofAll || ofLane;
    }
  }
}
