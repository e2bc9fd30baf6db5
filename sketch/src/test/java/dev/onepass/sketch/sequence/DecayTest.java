// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class DecayTest {

  private static final double LN2 = Math.log(2);

  /** Half-lives and times from the smallest to the largest, near powers of two and anywhere. */
  private static long extreme(Random random, long least) {
    long number =
        switch (random.nextInt(4)) {
          case 0 -> least + random.nextInt(3);
          case 1 -> Long.MAX_VALUE - random.nextInt(3);
          case 2 -> (1L << random.nextInt(63)) + random.nextInt(3) - 1;
          default -> random.nextLong() >>> (1 + random.nextInt(63));
        };
    return Math.max(least, number);
  }

  private static Decay decay(Random random) {
    return new Decay(extreme(random, 1), random.nextBoolean());
  }

  /** The weight is 2^exponent times less than 2, and both together are 2^(time / half-life). */
  @Property(seed = "21", tries = 5000, shrinking = ShrinkingMode.OFF)
  void exponentAndLogWeightTogetherAreTheTimeInHalfLives(@ForAll long seed) {
    Random random = new Random(seed);
    Decay decay = decay(random);
    long time = extreme(random, 0);
    long exponent = decay.exponent(time);
    double log = decay.logWeight(time, exponent);

    assertThat(log).isBetween(0.0, LN2);
    BigDecimal rest =
        BigDecimal.valueOf(time)
            .subtract(BigDecimal.valueOf(exponent).multiply(BigDecimal.valueOf(decay.halfLife())));
    assertThat(rest).isBetween(BigDecimal.ZERO, BigDecimal.valueOf(decay.halfLife() - 1));
    double halfLives =
        rest.divide(BigDecimal.valueOf(decay.halfLife()), MathContext.DECIMAL64).doubleValue();
    assertThat(log).isCloseTo(LN2 * halfLives, within(1e-15 + 1e-15 * log));
  }

  /** A time may be weighed against the exponent of any other, however far apart they are. */
  @Property(seed = "22", tries = 5000, shrinking = ShrinkingMode.OFF)
  void logWeightsDifferByTheTimeInBetween(@ForAll long seed) {
    Random random = new Random(seed);
    Decay decay = decay(random);
    long time = extreme(random, 0);
    long other = extreme(random, 0);
    double log = decay.logWeight(time, decay.exponent(other));

    BigDecimal rest =
        BigDecimal.valueOf(time)
            .subtract(
                BigDecimal.valueOf(decay.exponent(other))
                    .multiply(BigDecimal.valueOf(decay.halfLife())));
    double halfLives =
        rest.divide(BigDecimal.valueOf(decay.halfLife()), MathContext.DECIMAL64).doubleValue();
    assertThat(log).isCloseTo(LN2 * halfLives, within(1e-15 + 1e-15 * Math.abs(log)));
  }

  @Example
  void aMillisecondCountsAfterYears() {
    Decay second = Decay.byTime(Duration.ofSeconds(1));
    long now = 1_800_000_000_123L;
    assertThat(second.exponent(now)).isEqualTo(1_800_000_000L);
    assertThat(second.logWeight(now, second.exponent(now))).isCloseTo(0.123 * LN2, within(1e-16));
    assertThat(second.logWeight(now + 1, second.exponent(now)))
        .isCloseTo(0.124 * LN2, within(1e-16));
  }

  @Example
  void nothingDecaysWithoutAHalfLife() {
    assertThat(Decay.NONE.isOn()).isFalse();
    assertThat(Decay.NONE.exponent(Long.MAX_VALUE)).isZero();
    assertThat(Decay.NONE.logWeight(Long.MAX_VALUE, 0)).isZero();
    TokenBlock block = new TokenBlock(1, 1, 0);
    block.append(new Token(new float[1], new float[1], 1, 3, 7));
    assertThat(Decay.NONE.weigh(block)).isSameAs(block);
  }

  /**
   * The weights of a block, with the signs, relative to an exponent that brings the largest into
   * [1, 2]. Half-lives since time 0 are what an exponent may be.
   */
  @Property(seed = "23", tries = 300, shrinking = ShrinkingMode.OFF)
  void weighedTokensHaveTheirBiasAndTheirDecay(@ForAll long seed) {
    Random random = new Random(seed);
    Decay decay = decay(random);
    TokenBlock block = new TokenBlock(1, 1, 0);
    long newest = 0;
    for (int j = 1 + random.nextInt(20); j > 0; j--) {
      float bias = random.nextBoolean() ? 0 : (float) (40 * random.nextGaussian()) % 80;
      float sign = random.nextInt(5) == 0 ? -1 : 1;
      long time = extreme(random, 0) / 8;
      newest = Math.max(newest, time);
      block.append(new Token(new float[1], new float[1], sign, bias, time));
    }
    TokenBlock weighed = decay.weigh(block);

    assertThat(weighed.count()).isEqualTo(block.count());
    long exponent = decay.exponent(newest);
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < block.count(); j++) {
      double bias =
          block.biases()[j]
              + decay.logWeight(block.times()[j], exponent)
              - (weighed.exponent() - exponent) * LN2;
      assertThat((double) weighed.biases()[j])
          .isFinite()
          .isCloseTo(bias, within(Math.ulp((float) bias) / 2.0 + 1e-13));
      assertThat(weighed.signs()[j]).isEqualTo(block.signs()[j]);
      largest = Math.max(largest, weighed.biases()[j]);
    }
    assertThat(largest).isBetween(-1e-7, LN2 + 1e-7);
  }

  /** Numbers near 80 have 17 bits behind the point as floats; a decay needs more. */
  @Example
  void largeBiasesLoseNoDigitsOfTheDecay() {
    Decay decay = Decay.byTokens(1000);
    for (float bias : new float[] {80, -80}) {
      TokenBlock block = new TokenBlock(1, 1, 0);
      block.append(new Token(new float[1], new float[1], 1, bias, 1));
      block.append(new Token(new float[1], new float[1], 1, bias, 2));
      float[] biases = decay.weigh(block).biases();
      assertThat((double) biases[1] - biases[0]).isCloseTo(LN2 / 1000, within(1e-7));
    }
  }

  @Example
  void halfLivesThatAreNoneAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Decay(-1, false));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decay.byTime(Duration.ofNanos(999_999)))
        .withMessage("half-life: expected at least 1 ms, got PT0.000999999S.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decay.byTokens(0))
        .withMessage("half-life: expected at least 1 token, got 0.");
  }
}
