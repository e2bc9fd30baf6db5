// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CheckpointRhythmTest {
  private static final long SECOND = 1_000_000_000L;

  private final CheckpointRhythm rhythm = new CheckpointRhythm();

  @Test
  void oneCheckpointIsNoRhythm() {
    assertThat(rhythm.isDueWithin(Long.MAX_VALUE, 0)).isFalse();
    rhythm.checkpoint(1_700_000_000_000L, 5 * SECOND);
    assertThat(rhythm.isDueWithin(Long.MAX_VALUE, 6 * SECOND)).isFalse();
    assertThat(rhythm.count()).isEqualTo(1);
  }

  /** The second checkpoint came 2 s after its trigger, and so may the third. */
  @Test
  void theNextIsDueAnIntervalAfterTheNewestCame() {
    rhythm.checkpoint(1_700_000_000_000L, 100 * SECOND);
    rhythm.checkpoint(1_700_000_010_000L, 112 * SECOND);
    assertThat(rhythm.isDueWithin(Long.MAX_VALUE, 112 * SECOND)).isTrue();
    assertThat(rhythm.isDueWithin(3 * SECOND, 118 * SECOND)).isFalse();
    assertThat(rhythm.isDueWithin(3 * SECOND, 120 * SECOND)).isTrue();
    assertThat(rhythm.isDueWithin(0, 120 * SECOND)).isFalse();
  }

  @Test
  void oneThatIsLateIsWaitedForShortlyOnly() {
    rhythm.checkpoint(0, 0);
    rhythm.checkpoint(10_000, 10 * SECOND);
    assertThat(rhythm.isDueWithin(0, 20 * SECOND + SECOND / 2)).isTrue();
    assertThat(rhythm.isDueWithin(Long.MAX_VALUE, 21 * SECOND + SECOND / 2)).isFalse();
    rhythm.checkpoint(23_000, 23 * SECOND);
    assertThat(rhythm.isDueWithin(4 * SECOND, 31 * SECOND)).isFalse();
    assertThat(rhythm.isDueWithin(4 * SECOND, 33 * SECOND)).isTrue();
  }

  /** Clocks are sometimes set back. */
  @Test
  void checkpointsWhoseTimesGoBackAreNoRhythm() {
    rhythm.checkpoint(10_000, 10 * SECOND);
    rhythm.checkpoint(9_000, 20 * SECOND);
    assertThat(rhythm.isDueWithin(Long.MAX_VALUE, 21 * SECOND)).isFalse();
  }

  @Test
  void itIsTrustedWhileThreeOfFourThingsComeAsForeseen() {
    assertThat(rhythm.isTrusted()).isFalse();
    foresee(0, 0);
    assertThat(rhythm.isTrusted()).as("without predictions").isFalse();
    foresee(8, 2);
    assertThat(rhythm.isTrusted()).isTrue();
    foresee(8, 3);
    assertThat(rhythm.isTrusted()).isFalse();
    foresee(1, 0);
    assertThat(rhythm.isTrusted()).isTrue();
  }

  private void foresee(int times, int wrong) {
    for (int i = 0; i < times; i++) {
      rhythm.countForeseen();
    }
    for (int i = 0; i < wrong; i++) {
      rhythm.countWrong();
    }
    rhythm.checkpoint(0, 0);
  }
}
