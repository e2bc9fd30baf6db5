package dev.onepass.operators;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** Puts the sequences' operator into a job. */
public final class Sequences {

  /** Uid of the operator; savepoints find its state by it. */
  public static final String UID = "sequences";

  /** Name of the operator, in the web pages and metrics. */
  public static final String NAME = "Fold tokens, answer queries";

  private Sequences() {}

  /**
   * Replies to the queries among the events. Refused records are in the side output {@link
   * SequenceFunction#DEAD_LETTERS}.
   *
   * @param events tokens and queries of declared heads
   * @param anchorSets records of the anchors topic that {@link AnchorCheckFunction} let through;
   *     those of a head in one order for all subtasks
   * @param anchorsTopic where these records come from
   */
  public static SingleOutputStreamOperator<Reply> answer(
      DataStream<Event> events,
      DataStream<RawRecord> anchorSets,
      AnchorsTopic anchorsTopic,
      SequenceOptions options) {
    return events
        .keyBy(Event::key, FlowTypes.KEY)
        .connect(anchorSets.broadcast(SequenceFunction.anchorSetsState()))
        .process(new SequenceFunction(options, anchorsTopic), FlowTypes.REPLY)
        .uid(UID)
        .name(NAME);
  }
}
