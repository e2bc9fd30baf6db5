// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.topology;

import static dev.onepass.operators.event.BatchedOutput.batched;

import dev.onepass.operators.anchors.AnchorCheckFunction;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.ordering.OrderOperator;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.SequencesOperator;
import dev.onepass.operators.sharding.MergeFunction;
import dev.onepass.operators.sharding.RouteFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** Builds the graph from decoded events to replies: routing, order, sequences and merge. */
public final class Sequences {

  /** Uid of the operator of sequences, by which savepoints find its state. */
  public static final String UID = "sequences";

  /** Name of the operator of sequences, in Flink's web pages and metrics. */
  public static final String NAME = "Fold tokens, answer queries";

  /** Uid of the operator that merges the parts of shards. */
  public static final String MERGE_UID = "shards-merge";

  /** Uid of the operator that orders by event time; it exists only if the options ask for it. */
  public static final String ORDER_UID = "order";

  private Sequences() {}

  /**
   * The outputs of the graph.
   *
   * @param replies replies of sequences with one shard
   * @param merged replies of sharded sequences, in a second stream so that the operators after both
   *     can be chained
   * @param deadLetters refused records
   */
  public record Answered(
      SingleOutputStreamOperator<Reply> replies,
      SingleOutputStreamOperator<Reply> merged,
      DataStream<DeadLetter> deadLetters) {}

  /**
   * Adds the operators that answer the queries among the events.
   *
   * @param tokens output of the decoder of the tokens topic
   * @param queries output of the decoder of the queries topic
   * @param broadcast records to broadcast to all subtasks: the sets that {@link
   *     AnchorCheckFunction} forwards, in one order for each head, and the {@link
   *     dev.onepass.operators.event.Hole holes} of the tokens topic
   * @param anchorsTopic topic of the sets
   * @param options options of sequences
   */
  public static Answered answer(
      DataStream<Event> tokens,
      DataStream<Event> queries,
      DataStream<RawRecord> broadcast,
      AnchorsTopic anchorsTopic,
      SequenceOptions options) {
    SingleOutputStreamOperator<Event> routedTokens = route("tokens", tokens, options);
    SingleOutputStreamOperator<Event> routedQueries = route("queries", queries, options);
    DataStream<Event> events = routedTokens.union(routedQueries);
    SingleOutputStreamOperator<Event> ordered =
        options.eventTime() == null ? null : order(events, options.eventTime());
    SingleOutputStreamOperator<Reply> replies =
        (ordered == null ? events : ordered)
            .keyBy(Event::key, FlowTypes.KEY)
            .connect(broadcast.broadcast())
            .transform(NAME, FlowTypes.REPLY, new SequencesOperator(options, anchorsTopic))
            .uid(UID);
    if (!options.sharding().isOn()) {
      batched(replies);
    }
    DataStream<Part> parts = replies.getSideOutput(SideOutputs.PARTS);
    if (ordered != null) {
      parts = parts.union(ordered.getSideOutput(SideOutputs.PARTS));
    }
    SingleOutputStreamOperator<Reply> merged =
        batched(
            parts
                .keyBy(Part::query, Types.STRING)
                .process(new MergeFunction(), FlowTypes.REPLY)
                .uid(MERGE_UID)
                .name("Merge answers of shards"));
    DataStream<DeadLetter> deadLetters =
        replies
            .getSideOutput(SideOutputs.DEAD_LETTERS)
            .union(
                merged.getSideOutput(SideOutputs.DEAD_LETTERS),
                routedTokens.getSideOutput(SideOutputs.DEAD_LETTERS),
                routedQueries.getSideOutput(SideOutputs.DEAD_LETTERS));
    if (ordered != null) {
      deadLetters = deadLetters.union(ordered.getSideOutput(SideOutputs.DEAD_LETTERS));
    }
    return new Answered(replies, merged, deadLetters);
  }

  /** Orders events by event time, each shard on its own, so that a hot sequence is spread too. */
  private static SingleOutputStreamOperator<Event> order(
      DataStream<Event> events, EventTime eventTime) {
    return events
        .keyBy(Event::key, FlowTypes.KEY)
        .transform("Order by event time", FlowTypes.EVENT, new OrderOperator(eventTime))
        .uid(ORDER_UID);
  }

  private static SingleOutputStreamOperator<Event> route(
      String what, DataStream<Event> events, SequenceOptions options) {
    SingleOutputStreamOperator<Event> routed =
        events
            .process(
                new RouteFunction(options.heads(), options.sharding(), options.timeToLive()),
                FlowTypes.EVENT)
            .uid(what + "-route")
            .name("Route " + what);
    if (routed.getParallelism() != events.getParallelism()) {
      // With another parallelism, tokens of a sequence would be redistributed and reordered here.
      routed.setParallelism(events.getParallelism());
    }
    return routed;
  }
}
