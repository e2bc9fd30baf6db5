// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import static dev.onepass.operators.anchors.AnchorSetSamples.set;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.sequence.RunningSequences;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.ShelfTopic;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.sketch.sequence.HeadSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks which anchor sets the operator of sequences holds. */
class AnchorSetsTest {

  private RunningSequences running;
  @TempDir Path directory;

  private static SequenceOptions keeping(int versions, StoredAnchorSet... given) {
    AnchorOptions anchors =
        new AnchorOptions(List.of(given), versions, false, 16, Duration.ofMinutes(1));
    return TestOptions.of(null, anchors, TestOptions.folding(), TestOptions.whole());
  }

  private static StoredAnchorSet given(int version, long content) {
    return StoredAnchorSet.of(FOLDING, version, set(version, content).toByteArray());
  }

  @BeforeEach
  void start() throws Exception {
    running = new RunningSequences(keeping(3), directory);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private RawRecord broadcast(int version, long content) throws Exception {
    return running.broadcast(FOLDING, set(version, content).toByteArray());
  }

  @Test
  void everySubtaskHoldsAllSetsAlsoAfterARestart() throws Exception {
    broadcast(1, 1);
    running.broadcast(TestOptions.WHOLE, set(7, 2).toByteArray());

    running.restart(3);

    assertThat(running.anchorSets()).containsExactly("folding/1", "whole/7");
    assertThat(running.anchorSet("folding/1")).containsExactly(set(1, 1).toByteArray());
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void theSameContentAgainIsIgnored() throws Exception {
    broadcast(1, 1);
    broadcast(1, 1);
    running.restart(2);
    broadcast(1, 1);

    assertThat(running.anchorSets()).containsExactly("folding/1");
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void otherContentOfAKnownVersionIsRefusedOnce() throws Exception {
    broadcast(1, 1);
    running.restart(3);
    RawRecord other = broadcast(1, 2);

    assertThat(running.deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.origin()).isSameAs(other);
              assertThat(letter.error())
                  .isEqualTo(
                      "record value: version 1 of the anchor set of head folding is already known with other content; publish it under a higher version");
            });
    assertThat(running.anchorSet("folding/1")).containsExactly(set(1, 1).toByteArray());
  }

  @Test
  void onlyTheNewestVersionsAreKeptAfterARestart() throws Exception {
    for (int version : new int[] {4, 2, 9, 3}) {
      broadcast(version, version);
    }
    // A sequence of another subtask may have adopted version 2.
    assertThat(running.anchorSets())
        .containsExactly("folding/2", "folding/3", "folding/4", "folding/9");
    assertThat(running.gauge("anchorSetsOlder")).isEqualTo(1);
    assertThat(running.gauge("anchorSetBytes")).isEqualTo(4L * set(2, 2).toByteArray().length);

    running.restart(3);
    assertThat(running.anchorSets()).containsExactly("folding/3", "folding/4", "folding/9");

    // Dropped before or never held: in both cases older than the versions that are kept.
    broadcast(2, 77);
    broadcast(1, 1);
    assertThat(running.anchorSets()).containsExactly("folding/3", "folding/4", "folding/9");
    assertThat(running.deadLetters()).isEmpty();

    running.restart(keeping(1));
    assertThat(running.anchorSets()).containsExactly("folding/9");
  }

  @Test
  void theOrderOfArrivalDoesNotMatter() throws Exception {
    List<Integer> versions = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7));
    for (int trial = 0; trial < 20; trial++) {
      Collections.shuffle(versions, new Random(trial));
      try (RunningSequences other = new RunningSequences(keeping(3), directory)) {
        for (int version : versions) {
          other.broadcast(FOLDING, set(version, version).toByteArray());
        }
        other.restart(2);
        assertThat(other.anchorSets()).containsExactly("folding/5", "folding/6", "folding/7");
      }
    }
  }

  @Test
  void givenSetsAreHeldFromTheStart() throws Exception {
    running.restart(keeping(3, given(2, 2)));
    assertThat(running.anchorSets()).containsExactly("folding/2");

    RawRecord other = broadcast(2, 3);
    assertThat(running.deadLetters()).extracting(DeadLetter::origin).containsExactly(other);

    // The set in the state stays without the file, and wins over another content.
    running.restart(keeping(3));
    assertThat(running.anchorSets()).containsExactly("folding/2");
    running.restart(keeping(3, given(2, 99)));
    assertThat(running.anchorSet("folding/2")).containsExactly(set(2, 2).toByteArray());
  }

  @Test
  void theTopicIsReadAtTheStart() throws Exception {
    ShelfTopic topic =
        new ShelfTopic()
            .with(FOLDING, set(1, 1).toByteArray())
            .with(FOLDING, null)
            .with(null, set(1, 1).toByteArray())
            .with("unknown", set(1, 1).toByteArray())
            .with(FOLDING, set(1, 2).toByteArray())
            .with(FOLDING, set(2, 2).toByteArray());
    running.close();
    running = new RunningSequences(keeping(3), topic, directory);

    assertThat(running.anchorSets()).containsExactly("folding/1", "folding/2");
    assertThat(running.anchorSet("folding/1")).containsExactly(set(1, 1).toByteArray());
    assertThat(running.deadLetters()).isEmpty();

    // The same holds if the state has sets already.
    topic.with(FOLDING, set(3, 3).toByteArray()).with(FOLDING, set(2, 99).toByteArray());
    running.restart(2);
    assertThat(running.anchorSets()).containsExactly("folding/1", "folding/2", "folding/3");
    assertThat(running.anchorSet("folding/2")).containsExactly(set(2, 2).toByteArray());
  }

  @Test
  void aStartTakesTheNewestVersionsOfATopicWithoutCompaction() throws Exception {
    ShelfTopic topic = new ShelfTopic();
    for (int version = 1; version <= 9; version++) {
      topic.with(FOLDING, set(version, version).toByteArray());
    }
    running.close();
    running = new RunningSequences(keeping(2), topic, directory);
    assertThat(running.anchorSets()).containsExactly("folding/8", "folding/9");

    // The broadcast input delivers the older versions again.
    broadcast(7, 7);
    assertThat(running.anchorSets()).containsExactly("folding/8", "folding/9");
  }

  /** Its sets were refused when they were published, and the source does not read them again. */
  @Test
  void aHeadThatIsDeclaredLaterFindsItsSets() throws Exception {
    ShelfTopic topic =
        new ShelfTopic()
            .with(FOLDING, set(1, 1).toByteArray())
            .with(TestOptions.WHOLE, set(4, 4).toByteArray());
    running.close();
    AnchorOptions anchors = keeping(3).anchors();
    running =
        new RunningSequences(
            TestOptions.of(null, anchors, TestOptions.folding()), topic, directory);
    assertThat(running.anchorSets()).containsExactly("folding/1");

    running.restart(keeping(3));
    assertThat(running.anchorSets()).containsExactly("folding/1", "whole/4");

    // A file with a set of one head does not hide the sets of other heads on the topic.
    running.close();
    running = new RunningSequences(keeping(3, given(2, 2)), topic, directory);
    assertThat(running.anchorSets()).containsExactly("folding/1", "folding/2", "whole/4");
  }

  @Test
  void anUnreadableTopicStopsTheStartIfSketchesNeedSets() throws Exception {
    ShelfTopic topic = new ShelfTopic().broken(true);
    SequenceOptions stating =
        TestOptions.of(null, AnchorOptions.FROM_THE_TOPIC, TestOptions.stating());
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new RunningSequences(stating, topic, directory))
        .withMessageStartingWith("topic attention.anchors cannot be read (no answer); ")
        .withMessageEndingWith(
            "check that the brokers answer, and that the job may describe and read the topic");

    topic.broken(false);
    try (RunningSequences other = new RunningSequences(stating, topic, directory)) {
      var checkpoint = other.checkpoint();
      topic.broken(true);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> other.restore(checkpoint, 2))
          .withMessageStartingWith("topic attention.anchors cannot be read");
    }
    try (RunningSequences without = new RunningSequences(keeping(3), topic, directory)) {
      assertThat(without.anchorSets()).isEmpty();
    }
  }

  @Test
  void theBytesOfOlderVersionsAreBounded() throws Exception {
    int bytes = set(1, 1).toByteArray().length;
    AnchorOptions small =
        new AnchorOptions(List.of(), 1, false, 16, Duration.ofMinutes(1), 1 << 20, 2L * bytes);
    running.restart(TestOptions.of(null, small, TestOptions.folding()));
    broadcast(1, 1);
    broadcast(2, 2);
    broadcast(3, 3);
    RawRecord fourth = broadcast(4, 4);

    assertThat(running.anchorSets()).containsExactly("folding/1", "folding/2", "folding/3");
    assertThat(running.deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.origin()).isSameAs(fourth);
              assertThat(letter.error())
                  .startsWith(
                      "record value: version 4 of the anchor set of head folding would raise the bytes of versions older than the newest 1 to %d, but anchors.held-bytes is %d"
                          .formatted(3 * bytes, 2 * bytes));
            });

    running.restart(2);
    broadcast(4, 4);
    assertThat(running.anchorSets()).containsExactly("folding/3", "folding/4");
  }

  @Test
  void setsThatNoDeclaredHeadCanUseAreRefused() throws Exception {
    running.broadcast("unknown", set(1, 1).toByteArray());
    running.broadcast(FOLDING, set(1, 5, 1).toByteArray());
    running.broadcast(FOLDING, new byte[] {1, 2, 3});

    assertThat(running.deadLetters())
        .extracting(DeadLetter::error)
        .satisfiesExactly(
            unknown ->
                assertThat(unknown)
                    .isEqualTo(
                        "record key: head 'unknown' is not declared; the declared heads are [folding, whole]"),
            wide ->
                assertThat(wide)
                    .isEqualTo(
                        "record value: the anchor set is for keys of length 5, but head folding has keys of length 4"),
            broken -> assertThat(broken).startsWith("record value: not an anchor set: "));
    assertThat(running.anchorSets()).isEmpty();
  }

  @Test
  void setsOfAnUndeclaredHeadAreKeptForIt() throws Exception {
    broadcast(1, 1);
    HeadSpec whole = TestOptions.whole();
    running.restart(TestOptions.of(null, AnchorOptions.FROM_THE_TOPIC, whole));
    running.restart(keeping(3));

    assertThat(running.anchorSets()).containsExactly("folding/1");
  }
}
