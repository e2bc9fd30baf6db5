// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Sample;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

class SampleFunctionTest {

  private static final RawRecord NOWHERE = new RawRecord("t", 0, 0, 0, null, null, Headers.NONE);
  private static final List<HeadSpec> HEADS = List.of(head("a"), head("b"));

  private static HeadSpec head(String name) {
    return new HeadSpec(name, 2, 1, 0.5, 8_192, 0, AnchoredFamily.HYBRID, 7, Map.of());
  }

  private static AnchorOptions options(boolean learn, StoredAnchorSet... given) {
    return new AnchorOptions(List.of(given), 8, learn, 16, Duration.ofMinutes(1));
  }

  private static Event.Token token(String head, float x, boolean retract) {
    SequenceKey key = new SequenceKey(head, "s", 0);
    return new Event.Token(key, NOWHERE, -1, new float[] {x, -x}, new float[] {1}, retract);
  }

  private static Event.Query query(String head, float... vectors) {
    SequenceKey key = new SequenceKey(head, "s", 0);
    return new Event.Query(key, NOWHERE, "q", vectors, vectors.length / 2, 0);
  }

  private static List<Sample> samples(AnchorOptions options, List<Event> events) throws Exception {
    try (OneInputStreamOperatorTestHarness<Event, Sample> harness =
        ProcessFunctionTestHarnesses.forProcessFunction(new SampleFunction(HEADS, options))) {
      for (Event event : events) {
        harness.processElement(event, 0);
      }
      return harness.extractOutputValues();
    }
  }

  @Test
  void keysAreSentUnchangedAndQueriesAreScaled() throws Exception {
    List<Sample> samples =
        samples(options(true), List.of(token("a", 3, false), query("b", 1, 2, 3, 4)));

    assertThat(samples)
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            new Sample("a", false, new float[] {3, -3}, Reservoir.hash("s")),
            new Sample("b", true, new float[] {0.5f, 1}, Reservoir.hash("s")),
            new Sample("b", true, new float[] {1.5f, 2}, Reservoir.hash("s")));
  }

  @Test
  void aScaleAboveOneKeepsSamplesFinite() throws Exception {
    HeadSpec large = new HeadSpec("a", 2, 1, 4, 8_192, 0, AnchoredFamily.HYBRID, 7, Map.of());
    try (OneInputStreamOperatorTestHarness<Event, Sample> harness =
        ProcessFunctionTestHarnesses.forProcessFunction(
            new SampleFunction(List.of(large), options(true)))) {
      harness.processElement(query("a", Float.MAX_VALUE, -1e38f), 0);
      assertThat(harness.extractOutputValues().get(0).vector())
          .containsExactly(Float.MAX_VALUE, -Float.MAX_VALUE);
    }
  }

  /** Sequences that come after one with very many tokens are sampled too. */
  @Test
  void aFloodOfOneSequenceDoesNotDisplaceOthers() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      events.add(token("a", i, false));
    }
    for (int i = 0; i < 100; i++) {
      SequenceKey key = new SequenceKey("a", "other" + i, 0);
      events.add(new Event.Token(key, NOWHERE, -1, new float[] {1, 1}, new float[] {1}, false));
    }

    assertThat(samples(options(true), events))
        .extracting(Sample::sequence)
        .filteredOn(sequence -> sequence != Reservoir.hash("s"))
        .hasSizeGreaterThan(60);
  }

  @Test
  void otherEventsAreNotSampled() throws Exception {
    SequenceKey key = new SequenceKey("a", "s", 0);
    assertThat(
            samples(
                options(true),
                List.of(
                    token("a", 3, true),
                    token("other", 3, false),
                    new Event.Forget(key, NOWHERE),
                    new Event.StatsQuery(key, NOWHERE, "q"))))
        .isEmpty();
  }

  @Test
  void nothingIsSampledIfNothingIsLearned() throws Exception {
    List<Event> events = List.of(token("a", 3, false), token("b", 4, false));

    assertThat(samples(options(false), events)).isEmpty();
    assertThat(samples(options(true, new StoredAnchorSet("a/1", new byte[0])), events))
        .extracting(Sample::head)
        .containsExactly("b");
  }

  @Test
  void fewVectorsOfARecordAreSampled() throws Exception {
    float[] candidates = new float[2 * 1_000];
    for (int i = 0; i < candidates.length; i++) {
      candidates[i] = i;
    }

    List<Sample> samples = samples(options(true), List.of(query("a", candidates)));

    assertThat(samples).hasSize(32);
    assertThat(samples.get(31).vector()[0]).isEqualTo(992);
  }

  @Test
  void theTrafficOfAHeadIsThinnedOut() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      events.add(token("a", i, false));
    }

    // Expected: 64 (1 + ln(10^5 / 64)).
    assertThat(samples(options(true), events)).hasSizeBetween(400, 700);
  }
}
