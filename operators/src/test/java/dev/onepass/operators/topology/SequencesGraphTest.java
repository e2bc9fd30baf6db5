// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.DeadLetterSerializer;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.PartSerializer;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.RawRecordSerializer;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SequenceKeySerializer;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.ordering.RunningOrder;
import dev.onepass.operators.sequence.ShelfTopic;
import dev.onepass.operators.sequence.TestOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

/** Checks the graph of operators in a job. */
class SequencesGraphTest {
  private static final String NAME = "Fold tokens, answer queries";

  private static StreamGraph graph() {
    return graph(null);
  }

  static StreamGraph graph(EventTime eventTime) {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(
            new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
    SequenceKey key = new SequenceKey(TestOptions.FOLDING, "s", 0);
    RawRecord origin = new RawRecord("t", 0, 0, 0, null, null, Headers.NONE);
    Sequences.Answered answered =
        Sequences.answer(
            environment.fromData(List.of(new Event.Forget(key, origin)), FlowTypes.EVENT),
            environment.fromData(List.of(new Event.StatsQuery(key, origin, "q")), FlowTypes.EVENT),
            environment.fromData(List.of(origin), FlowTypes.RAW_RECORD),
            new ShelfTopic(),
            TestOptions.ordered(eventTime));
    answered.replies().sinkTo(new DiscardingSink<>());
    answered.merged().sinkTo(new DiscardingSink<>());
    answered.deadLetters().sinkTo(new DiscardingSink<>());
    return environment.getStreamGraph();
  }

  @Test
  void theOperatorOfSequencesHasAUid() {
    assertThat(graph().getStreamNodes())
        .filteredOn(node -> node.getOperatorName().equals(NAME))
        .singleElement()
        .returns(Sequences.UID, StreamNode::getTransformationUID);
  }

  @Test
  void theOperatorsOfShardsHaveUids() {
    Map<String, String> uids = new HashMap<>();
    graph()
        .getStreamNodes()
        .forEach(node -> uids.put(node.getOperatorName(), node.getTransformationUID()));

    assertThat(uids)
        .containsEntry("Route tokens", "tokens-route")
        .containsEntry("Route queries", "queries-route")
        .containsEntry("Merge answers of shards", "shards-merge");
  }

  /** Savepoints of jobs in order of arrival lack the operator. */
  @Test
  void theOrderByEventTimeIsASeparateOperatorOnlyOnRequest() {
    StreamGraph arrival = graph();
    StreamGraph ordered = graph(RunningOrder.OPTIONS);

    assertThat(uids(ordered))
        .containsAll(uids(arrival))
        .hasSize(uids(arrival).size() + 1)
        .contains("order = Order by event time");
    assertThat(GraphSerializers.of(ordered).get("Order by event time"))
        .containsOnly(
            EventSerializer.INSTANCE,
            SequenceKeySerializer.INSTANCE,
            PartSerializer.INSTANCE,
            DeadLetterSerializer.INSTANCE);
    assertThat(GraphSerializers.guessed(ordered)).isEmpty();
  }

  private static List<String> uids(StreamGraph graph) {
    return graph.getStreamNodes().stream()
        .filter(node -> node.getTransformationUID() != null)
        .map(node -> node.getTransformationUID() + " = " + node.getOperatorName())
        .toList();
  }

  @Test
  void theOperatorUsesOnlySerializersOfThisModule() {
    Map<String, List<TypeSerializer<?>>> serializers = GraphSerializers.of(graph());

    assertThat(serializers.get(NAME))
        .containsExactly(
            EventSerializer.INSTANCE,
            RawRecordSerializer.INSTANCE,
            ReplySerializer.INSTANCE,
            SequenceKeySerializer.INSTANCE,
            PartSerializer.INSTANCE,
            DeadLetterSerializer.INSTANCE);
    assertThat(serializers.get("Merge answers of shards"))
        .containsExactly(
            PartSerializer.INSTANCE,
            ReplySerializer.INSTANCE,
            StringSerializer.INSTANCE,
            DeadLetterSerializer.INSTANCE);
  }

  @Test
  void noSerializerIsDerivedByFlink() {
    assertThat(GraphSerializers.guessed(graph())).isEmpty();
  }

  @Test
  void aDerivedSerializerIsFound() {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment
        .fromData(1, 2)
        .map(number -> new Object())
        .returns(TypeInformation.of(Object.class))
        .name("guesses")
        .sinkTo(new DiscardingSink<>());

    assertThat(GraphSerializers.guessed(environment.getStreamGraph()))
        .contains("guesses: KryoSerializer");
  }
}
