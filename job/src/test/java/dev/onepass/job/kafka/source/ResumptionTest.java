// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Hole;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class ResumptionTest {

  private static final Uuid ID = Uuid.randomUuid();
  private static final Uuid OTHER = Uuid.randomUuid();

  private static Resumption of(long from, Uuid known, Uuid now, long beginning, long end) {
    return of(from, known, now, new TopicState.Offsets(beginning, end, null));
  }

  private static Resumption of(long from, Uuid known, Uuid now, TopicState.Offsets there) {
    KafkaPartitionSplit split = new KafkaPartitionSplit(new TopicPartition("t", 2), from);
    return Resumption.of(known == null ? split : new KnownSplit(split, known), now, there);
  }

  private static void assertGoesOn(Resumption found, Resumption.Kind kind, long at, long lost) {
    assertThat(found.kind()).isEqualTo(kind);
    assertThat(found.split().getStartingOffset()).isEqualTo(at);
    assertThat(found.lost()).isEqualTo(lost);
  }

  @Test
  void existingOffsetsAreReadOn() {
    assertGoesOn(of(50, ID, ID, 50, 100), Resumption.Kind.WHOLE, 50, 0);
    assertGoesOn(of(100, ID, ID, 50, 100), Resumption.Kind.WHOLE, 100, 0);
    Resumption old = of(70, null, ID, 50, 100);
    assertGoesOn(old, Resumption.Kind.WHOLE, 70, 0);
    assertThat(KnownSplit.topicIdOf(old.split())).isEqualTo(ID);
    Resumption unknown = of(70, ID, null, 50, 100);
    assertGoesOn(unknown, Resumption.Kind.WHOLE, 70, 0);
    assertThat(KnownSplit.topicIdOf(unknown.split())).isEqualTo(ID);
  }

  @Test
  void deletedRecordsAreAHole() {
    Resumption hole = of(50, ID, ID, 75, 100);
    assertGoesOn(hole, Resumption.Kind.DELETED, 75, 25);
    assertThat(hole.hole()).isEqualTo(new Hole("t", 2, 75, false));
    assertThat(hole.sentence())
        .isEqualTo(
            "topic t, partition 2: Kafka deleted 25 records, offsets 50 to 74, before they were read");
    assertGoesOn(of(50, null, ID, 75, 100), Resumption.Kind.DELETED, 75, 25);
  }

  @Test
  void aFreshStartHasNoHole() {
    long earliest = KafkaPartitionSplit.EARLIEST_OFFSET;
    assertGoesOn(of(earliest, null, ID, 75, 100), Resumption.Kind.WHOLE, 75, 0);
    long committed = KafkaPartitionSplit.COMMITTED_OFFSET;
    assertGoesOn(of(committed, null, ID, 75, 100), Resumption.Kind.WHOLE, 75, 0);
    assertGoesOn(
        of(committed, null, ID, new TopicState.Offsets(75, 100, 80L)),
        Resumption.Kind.WHOLE,
        80,
        0);
    assertGoesOn(
        of(committed, null, ID, new TopicState.Offsets(75, 100, 50L)),
        Resumption.Kind.WHOLE,
        75,
        0);
    assertGoesOn(
        of(committed, null, ID, new TopicState.Offsets(0, 20, 50L)), Resumption.Kind.WHOLE, 0, 0);
  }

  @Test
  void anotherTopicIsReadFromItsBeginning() {
    Resumption recreated = of(50, ID, OTHER, 0, 100);
    assertGoesOn(recreated, Resumption.Kind.TOPIC_RECREATED, 0, 0);
    assertThat(recreated.hole()).isEqualTo(new Hole("t", 2, 0, true));
    assertThat(KnownSplit.topicIdOf(recreated.split())).isEqualTo(OTHER);
    assertThat(recreated.sentence()).contains("created again").contains("up to offset 50");
    assertGoesOn(of(0, ID, OTHER, 0, 100), Resumption.Kind.TOPIC_RECREATED, 0, 0);
    assertGoesOn(of(50, ID, OTHER, 10, 100), Resumption.Kind.TOPIC_RECREATED, 10, 10);
    // An old savepoint has no id, but a topic cannot end before its read offset.
    assertGoesOn(of(50, null, OTHER, 0, 20), Resumption.Kind.TOPIC_RECREATED, 0, 0);
  }

  @Test
  void recordsThatTheBrokersLostAreNotReadAgain() {
    Resumption cut = of(50, ID, ID, 0, 40);
    assertGoesOn(cut, Resumption.Kind.CUT_BACK, 40, 0);
    assertThat(cut.isHole()).isFalse();
    assertThat(cut.sentence()).contains("offsets 40 to 49");
  }
}
