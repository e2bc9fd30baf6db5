package dev.onepass.operators.learner;

import dev.onepass.operators.AnchorOptions;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Sample;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.Arrays;
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
 * <p>Nothing is kept across restarts: each passes so many vectors again, and the learner, which
 * remembers, drops what it does not need.
 */
public final class SampleFunction extends ProcessFunction<Event, Sample> {
  private static final long serialVersionUID = 1L;

  /** Candidates of one record are much alike. */
  private static final int MOST_OF_A_RECORD = 32;

  private final List<HeadSpec> heads;
  private final int anchors;

  private transient Map<String, HeadSample> samples;

  /** Samples of those heads that a set is to be learned for. */
  public SampleFunction(List<HeadSpec> heads, AnchorOptions options) {
    this.heads = heads.stream().filter(head -> options.learns(head.name())).toList();
    anchors = options.count();
  }

  @Override
  public void open(OpenContext context) {
    int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
    SampleSizes share = SampleSizes.of(anchors).share(subtasks);
    samples = new HashMap<>();
    heads.forEach(head -> samples.put(head.name(), new HeadSample(head, share)));
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
    if (event instanceof Event.Token token && !token.retract()) {
      sample.offerKey(token.vectorKey(), out);
    } else if (event instanceof Event.Query query) {
      sample.offerQueries(query, out);
    }
  }

  /** What passed of one head. */
  private static final class HeadSample {
    private final HeadSpec head;
    private final SampleSizes sizes;
    private long keys;
    private long queries;

    HeadSample(HeadSpec head, SampleSizes sizes) {
      this.head = head;
      this.sizes = sizes;
    }

    void offerKey(float[] key, Collector<Sample> out) {
      if (Reservoir.place(head.seed(), keys++, sizes.keys()) != Reservoir.NONE) {
        out.collect(new Sample(head.name(), false, key));
      }
    }

    void offerQueries(Event.Query query, Collector<Sample> out) {
      int step = (query.count() - 1) / MOST_OF_A_RECORD + 1;
      for (int row = 0; row < query.count(); row += step) {
        if (Reservoir.place(~head.seed(), queries++, sizes.queries()) != Reservoir.NONE) {
          out.collect(new Sample(head.name(), true, scaled(query.vectors(), row)));
        }
      }
    }

    private float[] scaled(float[] vectors, int row) {
      int dim = head.keyDim();
      float[] scaled = Arrays.copyOfRange(vectors, row * dim, (row + 1) * dim);
      for (int i = 0; i < dim; i++) {
        scaled[i] = (float) (scaled[i] * head.scale());
      }
      return scaled;
    }
  }
}
