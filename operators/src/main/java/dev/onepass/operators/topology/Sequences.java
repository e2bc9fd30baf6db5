package dev.onepass.operators.topology;

import static dev.onepass.operators.event.Unhurried.unhurried;

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

/** Puts the sequences' operator, and what serves the sharded ones, into a job. */
public final class Sequences {

  /** Uid of the operator; savepoints find its state by it. */
  public static final String UID = "sequences";

  /** Name of the operator, in the web pages and metrics. */
  public static final String NAME = "Fold tokens, answer queries";

  /** Uid of what merges the parts of sharded sequences' answers. */
  public static final String MERGE_UID = "shards-merge";

  /** Uid of what puts events in the order of their timestamps, where the options ask for that. */
  public static final String ORDER_UID = "order";

  private Sequences() {}

  /**
   * What comes of events.
   *
   * @param replies replies of sequences that are not sharded
   * @param merged replies of sharded sequences, apart so that both can be chained to what follows
   * @param deadLetters what was refused
   */
  public record Answered(
      SingleOutputStreamOperator<Reply> replies,
      SingleOutputStreamOperator<Reply> merged,
      DataStream<DeadLetter> deadLetters) {}

  /**
   * Replies to the queries among the events.
   *
   * @param tokens what the tokens topic's decoder gives out
   * @param queries what the queries topic's decoder gives out
   * @param told what all subtasks are told: records of the anchors topic that {@link
   *     AnchorCheckFunction} let through, those of a head in one order for all subtasks, and the
   *     {@link dev.onepass.operators.event.Hole holes} of the tokens topic as records
   * @param anchorsTopic where these records come from
   */
  public static Answered answer(
      DataStream<Event> tokens,
      DataStream<Event> queries,
      DataStream<RawRecord> told,
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
            .connect(told.broadcast())
            .transform(NAME, FlowTypes.REPLY, new SequencesOperator(options, anchorsTopic))
            .uid(UID);
    if (!options.sharding().isOn()) {
      unhurried(replies);
    }
    DataStream<Part> parts = replies.getSideOutput(SideOutputs.PARTS);
    if (ordered != null) {
      parts = parts.union(ordered.getSideOutput(SideOutputs.PARTS));
    }
    SingleOutputStreamOperator<Reply> merged =
        unhurried(
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

  /** By shards, so that a hot sequence is not put in order in one place. */
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
      // Otherwise the tokens of one sequence would be dealt out here and overtake each other.
      routed.setParallelism(events.getParallelism());
    }
    return routed;
  }
}
