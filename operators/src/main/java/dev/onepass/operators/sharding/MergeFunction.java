// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * Merges the parts of all shards of a sequence into one reply to a query. It is keyed by the
 * query's record, so that the queries of a hot sequence are spread over subtasks too.
 *
 * <p>Each shard sends exactly one last part. If the query's {@code as_of} is not reached, the shard
 * sends a first part at once, and its last part when it has accepted its share of the tokens, when
 * the query times out, or when its tokens are dropped. The reply is sent once: when every shard has
 * sent a part and together they have accepted enough tokens, or when all last parts are there. The
 * last part clears the state of the query, so no timer is needed.
 */
public final class MergeFunction extends KeyedProcessFunction<String, Part, Reply> {
  private static final long serialVersionUID = 1L;

  private transient PartStore store;
  private transient AnswerMetrics metrics;

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
    if (!haveSameDimensions(said)) {
      refuse(any, Acceptance.OTHER_DIMENSIONS.reason(), context);
      return;
    }
    Answers answers = SequencePart.answers(said);
    Waited waited = waited(any, parts, accepted);
    metrics.countAnswer(any.key().head(), waited, counts, answers);
    out.collect(Reply.Answer.of(any.key(), any.origin(), any.queryId(), answers, counts, waited));
  }

  /**
   * Returns whether values have the same length in all shards. A shard with tokens keeps its
   * length.
   */
  private static boolean haveSameDimensions(List<SequencePart> parts) {
    return parts.stream()
            .filter(part -> part.sums() != null)
            .mapToInt(part -> part.sums().valueDim())
            .distinct()
            .count()
        <= 1;
  }

  private static Waited waited(Part any, List<Part> parts, long accepted) {
    if (accepted >= any.spread().asOf()) {
      return Waited.ENOUGH;
    }
    return parts.stream().anyMatch(part -> part.kind() == Part.Kind.ANSWER_WITHOUT_ROOM)
        ? Waited.NO_ROOM
        : Waited.TOO_FEW;
  }

  private void refuse(Part part, String reason, Context context) {
    metrics.countRefused();
    context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(part.origin(), reason));
  }
}
