// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.learner.AnchorLearning;
import dev.onepass.operators.anchors.learner.SampleStore;
import dev.onepass.operators.census.HeadCounts;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.ordering.EarlyEvents;
import dev.onepass.operators.ordering.OrderOperator;
import dev.onepass.operators.ordering.RunningOrder;
import dev.onepass.operators.sequence.ShelfTopic;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.operators.sharding.PartStore;
import dev.onepass.operators.sharding.ShardHistory;
import dev.onepass.operators.sharding.Shards;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.junit.jupiter.api.Test;

/**
 * Pins the names by which savepoints find state again, as literals. A test of this class that fails
 * asks for another change of the code, not for another literal.
 */
class FrozenNamesTest {

  /** What to do about a failure. */
  static final String FROZEN =
      "%s is written in savepoints; restore it, or old savepoints cannot be read any more; see docs/architecture.md, What is frozen";

  private static final RawRecord RECORD = new RawRecord("t", 0, 0, 0, null, null, Headers.NONE);

  @Test
  void operators() {
    assertThat(names(SequencesGraphTest.graph(RunningOrder.OPTIONS)))
        .as(FROZEN, "the uid of an operator")
        .containsExactlyInAnyOrder(
            "tokens-route: Route tokens",
            "queries-route: Route queries",
            "order: Order by event time",
            "sequences: Fold tokens, answer queries",
            "shards-merge: Merge answers of shards");
  }

  @Test
  void operatorsOfTheLearner() {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    SequenceKey key = new SequenceKey("h", "s", 0);
    DataStream<Event> events =
        environment.fromData(List.of(new Event.Forget(key, RECORD)), FlowTypes.EVENT);
    AnchorLearning learning =
        new AnchorLearning(List.of(TestOptions.folding()), AnchorOptions.FROM_THE_TOPIC);
    learning
        .learn(
            environment.fromData(List.of(RECORD), FlowTypes.RAW_RECORD),
            learning.sample("tokens", events).union(learning.sample("queries", events)),
            new ShelfTopic())
        .sinkTo(new DiscardingSink<>());

    assertThat(names(environment.getStreamGraph()))
        .as(FROZEN, "the uid of an operator")
        .containsExactlyInAnyOrder(
            "tokens-sample: Sample tokens",
            "queries-sample: Sample queries",
            "anchors-learner: Learn anchor sets");
  }

  private static List<String> names(StreamGraph graph) {
    return graph.getStreamNodes().stream()
        .filter(node -> node.getTransformationUID() != null)
        .map(node -> node.getTransformationUID() + ": " + node.getOperatorName())
        .toList();
  }

  @Test
  void keyGroups() {
    SequenceKey key = new SequenceKey("default", "user-1", 2);

    assertThat(Shards.KEY_GROUPS).as(FROZEN, "the maximum parallelism").isEqualTo(1024);
    assertThat(key.hashCode()).as(FROZEN, "the hash of a key").isEqualTo(-1746906222);
    assertThat(KeyGroupRangeAssignment.assignToKeyGroup(key, Shards.KEY_GROUPS))
        .as(FROZEN, "the key group of a key")
        .isEqualTo(168);
  }

  @Test
  void states() {
    assertThat(
            Stream.of(
                    SampleStore.progressState(),
                    SampleStore.queriesState(),
                    SampleStore.keysState(),
                    SampleStore.tallyState(),
                    SampleStore.sequencesState(true),
                    SampleStore.sequencesState(false),
                    SampleStore.heldState(true),
                    SampleStore.heldState(false),
                    PartStore.partsState(),
                    PartStore.progressState(),
                    ShardHistory.shardsState(),
                    ShardHistory.formerState(),
                    EarlyEvents.eventsState(),
                    EarlyEvents.passedState(),
                    HeadCounts.countsState(),
                    Holes.state())
                .map(FrozenNamesTest::describe))
        .as(FROZEN, "the name or the format of a state")
        .containsExactly(
            "progress: VALUE of LearnerProgressSerializer",
            "sampled-queries: MAP of IntSerializer, FloatPrimitiveArraySerializer",
            "sampled-keys: MAP of IntSerializer, FloatPrimitiveArraySerializer",
            "tally: MAP of IntSerializer, LongSerializer",
            "queries-sequences: MAP of IntSerializer, LongSerializer",
            "keys-sequences: MAP of IntSerializer, LongSerializer",
            "queries-held: MAP of LongSerializer, IntSerializer",
            "keys-held: MAP of LongSerializer, IntSerializer",
            "parts: MAP of IntSerializer, PartSerializer",
            "gathered: VALUE of LongPrimitiveArraySerializer",
            "most-shards: MAP of StringSerializer, IntSerializer",
            "shards: LIST of StringSerializer",
            "early-events: LIST of EventSerializer",
            "passed: LIST of LongSerializer",
            "sequence-counts: LIST of HeadCountSerializer",
            "holes: MAP of IntSerializer, LongPrimitiveArraySerializer");
  }

  @Test
  void timers() {
    assertThat(OrderOperator.TIMERS).as(FROZEN, "the name of timers").isEqualTo("release");
  }

  private static String describe(StateDescriptor<?, ?> state) {
    List<TypeSerializer<?>> serializers = new ArrayList<>();
    if (state instanceof MapStateDescriptor<?, ?> map) {
      serializers.add(map.getKeySerializer());
      serializers.add(map.getValueSerializer());
    } else if (state instanceof ListStateDescriptor<?> list) {
      serializers.add(list.getElementSerializer());
    } else {
      serializers.add(state.getSerializer());
    }
    return "%s: %s of %s"
        .formatted(
            state.getName(),
            state.getType(),
            String.join(
                ", ", serializers.stream().map(s -> s.getClass().getSimpleName()).toList()));
  }

  /** Savepoints hold the names of the snapshot and of its serializer, with the version. */
  @Test
  void snapshots() throws Exception {
    Path classes =
        Path.of(FlowSerializer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> snapshots = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith("$Snapshot.class")).toList()) {
        String name = classes.relativize(file).toString().replace('/', '.').replace(".class", "");
        TypeSerializerSnapshot<?> snapshot =
            Class.forName(name)
                .asSubclass(TypeSerializerSnapshot.class)
                .getDeclaredConstructor()
                .newInstance();
        assertThat(snapshot.restoreSerializer().getClass().getName() + "$Snapshot").isEqualTo(name);
        snapshots.add(name + " " + snapshot.getCurrentVersion());
      }
    }

    assertThat(snapshots)
        .as(FROZEN, "the name or the version of a serializer's snapshot")
        .containsExactlyInAnyOrder(
            "dev.onepass.operators.accuracy.ShadowProgressSerializer$Snapshot 3",
            "dev.onepass.operators.anchors.AnchorSetSerializer$Snapshot 3",
            "dev.onepass.operators.anchors.learner.LearnerProgressSerializer$Snapshot 3",
            "dev.onepass.operators.census.HeadCountSerializer$Snapshot 3",
            "dev.onepass.operators.event.DeadLetterSerializer$Snapshot 3",
            "dev.onepass.operators.event.EventSerializer$Snapshot 3",
            "dev.onepass.operators.event.PartSerializer$Snapshot 3",
            "dev.onepass.operators.event.RawRecordSerializer$Snapshot 3",
            "dev.onepass.operators.event.ReplySerializer$Snapshot 3",
            "dev.onepass.operators.event.SampleSerializer$Snapshot 3",
            "dev.onepass.operators.event.SequenceKeySerializer$Snapshot 4",
            "dev.onepass.operators.sequence.store.SequenceRecordSerializer$Snapshot 3",
            "dev.onepass.operators.sequence.waiting.WaitingEntrySerializer$Snapshot 3");
  }
}
