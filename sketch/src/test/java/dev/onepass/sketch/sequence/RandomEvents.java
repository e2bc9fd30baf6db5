// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Draws decays, timestamps and biases, among them the most extreme ones. */
final class RandomEvents {

  private RandomEvents() {}

  /** Decays from a millisecond to a century, and from one token on. */
  static Decay decay(Random random) {
    List<Duration> halfLives =
        List.of(
            Duration.ofMillis(1),
            Duration.ofMillis(7),
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            Duration.ofDays(365),
            Duration.ofDays(36_500));
    return switch (random.nextInt(5)) {
      case 0 -> Decay.NONE;
      case 1 -> Decay.byTokens(1 + random.nextInt(60));
      default -> Decay.byTime(halfLives.get(random.nextInt(halfLives.size())));
    };
  }

  /** Timestamps of a source: mostly later ones, some equal, some earlier, some years later. */
  static final class Timestamps {
    private final Random random;
    private final long step;
    private final boolean leap;
    private long now;

    Timestamps(Random random) {
      this.random = random;
      step = (long) Math.pow(10, random.nextInt(7));
      leap = random.nextBoolean();
      now = random.nextBoolean() ? 0 : 1_700_000_000_000L + random.nextInt(1_000_000);
    }

    /** Returns the largest step that is no leap, in milliseconds. */
    long step() {
      return step;
    }

    /** Returns the timestamp of the next record. */
    long next() {
      switch (random.nextInt(leap ? 40 : 38)) {
        case 0, 1, 2, 3, 4, 5 -> {
          return now;
        }
        case 6, 7, 8 -> {
          return Math.max(0, now - random.nextLong(5 * step));
        }
        case 38, 39 -> now += Duration.ofDays(365L * (1 + random.nextInt(3))).toMillis();
        default -> now += random.nextLong(step);
      }
      return now;
    }
  }

  /** Biases: none for half of the tokens, normal ones, and the largest there are. */
  static float bias(Random random) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> (float) random.nextGaussian();
      case 2 -> 80;
      case 3 -> -80;
      default -> 0;
    };
  }
}
