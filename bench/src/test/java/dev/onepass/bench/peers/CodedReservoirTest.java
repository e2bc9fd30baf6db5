// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CodedReservoirTest {
  private static final Head PAST = Streams.PAST.rows();

  private static final Method CODED =
      new CodedReservoir(4, TokenSpace.Keys.PLAIN, 1).learn(Streams.PAST);

  @Test
  void needsPastRows() {
    assertThatThrownBy(() -> CodedReservoir.tuned(8).begin(Streams.HEAD, 1_000, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has learned from no past rows");
  }

  @Test
  void keepsTokensUncodedWhileTheyFit() {
    Method.State state = CODED.begin(Streams.HEAD, 16 + 24 * 50, 7);
    Streams.feed(state, 50);
    assertThat(state.isExact()).isTrue();
    assertThat(Streams.error(state, 50)).isLessThan(2e-3);
    Streams.feed(state, Streams.HEAD, 50, 51);
    assertThat(state.isExact()).isFalse();
    // Two tokens are coded in 12 bytes each.
    assertThat(state.stateBytes()).isEqualTo(16 + 24 * 49 + 2 * 12);
    assertThat(Streams.error(state, 51)).isLessThan(0.1);
  }

  @Test
  void dropsStagesBeforeTokens() {
    Method.State state = CODED.begin(Streams.HEAD, 16 + 24 * 50, 7);
    Streams.feed(state, 300);
    // All are kept, in 4 bytes each.
    assertThat(state.stateBytes()).isEqualTo(16 + 4 * 300);
    double four = Streams.error(state, 300);
    Method.State wide = CODED.begin(Streams.HEAD, 16 + 8 * 300, 7);
    Streams.feed(wide, 300);
    assertThat(wide.stateBytes()).isEqualTo(16 + 8 * 300);
    assertThat(four).isLessThan(0.7);
    assertThat(Streams.error(wide, 300)).isLessThan(0.6 * four);
  }

  /** The answer to a query of zeros is the mean of the coded sample. */
  @Test
  void sumsAreUnbiased() {
    // The values rise in time, so a sample that prefers early or late tokens would be noticed.
    Head rising = Streams.HEAD.only(rowsByValue());
    double sum = 0;
    for (int seed = 0; seed < 200; seed++) {
      sum += mean(rising, 10, seed) / 200;
    }
    // Values have a deviation of 1, and the mean of 2 000 draws one of 1 / sqrt(2000) = 0.022.
    assertThat(sum).isCloseTo(mean(rising, 400, 7), within(0.08));
  }

  private static int[] rowsByValue() {
    return IntStream.range(0, 400)
        .boxed()
        .sorted(Comparator.comparing(row -> Streams.HEAD.values()[8 * row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double mean(Head rising, int slots, int seed) {
    Method.State state = CODED.begin(Streams.HEAD, 16 + 4 * slots, seed);
    Streams.feed(state, rising, 0, 400);
    return state.answer(new QueryBlock(new float[4], 1, 4, 1)).outputs()[0][0];
  }

  @Test
  void errorFallsWithTheRootOfTheBytes() {
    double few = 0;
    double many = 0;
    for (int seed = 0; seed < 20; seed++) {
      few += error(16 + 4 * 20, seed);
      many += error(16 + 4 * 80, seed);
    }
    // With more tokens, the error of the codes would show.
    assertThat(few / many).isBetween(1.7, 2.5);
  }

  private static double error(int bytes, int seed) {
    Method.State state = CODED.begin(Streams.HEAD, bytes, seed);
    Streams.feed(state, Streams.N);
    return Streams.error(state, Streams.N);
  }

  /** For noise of 12 numbers, a stage divides the square error by 256^(2/12) = 2.5 at best. */
  @Test
  void eachStageReducesTheErrorOfCodes() {
    double before = squareError(1);
    for (int stages = 2; stages <= 6; stages++) {
      double error = squareError(stages);
      assertThat(error).isLessThan(0.7 * before);
      before = error;
    }
  }

  @Test
  void aStageCodesAFewDistinctTokensExactly() {
    Head some = PAST.first(200);
    assertThat(squareError(some, 1)).isLessThan(1e-9);
  }

  private static double squareError(int stages) {
    return squareError(PAST, stages);
  }

  private static double squareError(Head past, int stages) {
    TokenSpace space = new TokenSpace(past, TokenSpace.Keys.BY_QUERIES, 1);
    ResidualQuantiser quantiser = ResidualQuantiser.learn(past, space, stages, new Random(7));
    byte[] codes = new byte[200 * stages];
    for (int j = 0; j < 200; j++) {
      quantiser.encode(row(past.keys(), j, 4), row(past.values(), j, 8), codes, j * stages, stages);
    }
    TokenBlock decoded = quantiser.decode(codes, 200, stages);
    double sum = 0;
    for (int i = 0; i < 200 * 4; i++) {
      sum += Math.pow(decoded.keys()[i] - past.keys()[i], 2);
    }
    for (int i = 0; i < 200 * 8; i++) {
      sum += Math.pow(decoded.values()[i] - past.values()[i], 2);
    }
    return sum / 200;
  }

  private static float[] row(float[] rows, int j, int dim) {
    return Arrays.copyOfRange(rows, j * dim, (j + 1) * dim);
  }
}
