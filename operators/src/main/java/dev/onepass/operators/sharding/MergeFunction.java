package dev.onepass.operators.sharding;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.event.Waited;
import dev.onepass.operators.metrics.AnswerMetrics;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.SequenceCounts;
import dev.onepass.sketch.sequence.SequencePart;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes one reply of what the shards of a sequence say to a query. Keyed by the query's record, so
 * that the queries of a hot sequence are spread too.
 *
 * <p>Every shard says one last part: at once, or, for a query whose {@code as_of} is not reached, a
 * first part at once and the last one when it has accepted its share, by the query's timeout, or
 * when its tokens are dropped. So the reply goes out once: when every shard has said something and
 * they have accepted enough together, or when none has more to say. The state of a query goes with
 * its last part, and needs no timer of its own.
 */
public final class MergeFunction extends KeyedProcessFunction<String, Part, Reply> {
  private static final long serialVersionUID = 1L;

  private transient PartStore store;
  private transient AnswerMetrics metrics;

  /** Holds no options: parts bring what is needed. */
  public MergeFunction() {}

  @Override
  public void open(OpenContext context) {
    store = new PartStore(getRuntimeContext());
    metrics = new AnswerMetrics(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Part part, Context context, Collector<Reply> out) throws Exception {
    PartStore.Progress before = store.progress();
    Part earlier = before.answered() ? null : store.part(part.shard());
    PartStore.Progress now =
        new PartStore.Progress(
            before.shards() + (before.answered() || earlier != null ? 0 : 1),
            before.last() + (part.last() ? 1 : 0),
            before.accepted() + part.accepted() - (earlier == null ? 0 : earlier.accepted()),
            before.answered());
    int shards = part.spread().shards();
    boolean complete = now.last() == shards;
    if (!now.answered()) {
      store.putPart(part);
      boolean due = now.accepted() >= part.spread().asOf() || complete;
      if (now.shards() == shards && due) {
        reply(part, store.parts(), now.accepted(), context, out);
        store.clearParts();
        now = new PartStore.Progress(shards, now.last(), now.accepted(), true);
      }
    }
    if (complete) {
      store.clear();
    } else {
      store.putProgress(now);
    }
  }

  private void reply(
      Part any, List<Part> parts, long accepted, Context context, Collector<Reply> out) {
    Optional<Part> refusal =
        parts.stream().filter(part -> part.kind() == Part.Kind.REFUSAL).findFirst();
    if (refusal.isPresent()) {
      String reason = new String(refusal.get().content(), StandardCharsets.UTF_8);
      refuse(any, reason, context);
      return;
    }
    List<SequencePart> said =
        parts.stream().map(part -> SequencePart.fromByteArray(part.content())).toList();
    SequenceCounts counts = SequencePart.counts(said);
    if (any.kind() == Part.Kind.STATS) {
      out.collect(Reply.Stats.of(any.key(), any.origin(), any.queryId(), counts));
      return;
    }
    Answers answers;
    try {
      answers = SequencePart.answers(said);
    } catch (IllegalArgumentException otherValues) {
      refuse(any, Acceptance.OTHER_DIMENSIONS.reason(), context);
      return;
    }
    Waited waited = waited(any, parts, accepted);
    metrics.countAnswer(any.key().head(), waited, counts, answers);
    out.collect(Reply.Answer.of(any.key(), any.origin(), any.queryId(), answers, counts, waited));
  }

  private static Waited waited(Part any, List<Part> parts, long accepted) {
    if (accepted >= any.spread().asOf()) {
      return Waited.ENOUGH;
    }
    return parts.stream().anyMatch(part -> part.kind() == Part.Kind.ANSWER_WITHOUT_ROOM)
        ? Waited.NO_ROOM
        : Waited.IN_VAIN;
  }

  private void refuse(Part part, String reason, Context context) {
    metrics.countRefused();
    context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(part.origin(), reason));
  }
}
