// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import java.util.Arrays;
import java.util.Random;
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
  void keepsTokensUncodedWhileAllFit() {
    Method.State state = CODED.begin(Streams.HEAD, 16 + 24 * 50, 7);
    Streams.feed(state, 50);
    assertThat(state.isExact()).isTrue();
    assertThat(Streams.error(state, 50)).isLessThan(2e-3);
    Streams.feed(state, Streams.HEAD, 50, 300);
    assertThat(state.isExact()).isFalse();
    // All are kept still, in 4 bytes each.
    assertThat(state.stateBytes()).isEqualTo(16 + 4 * 300);
    assertThat(Streams.error(state, 300)).isBetween(2e-3, 0.1);
  }

  /** The answer to a query of zeros is the mean of the sample. */
  @Test
  void sumsAreUnbiased() {
    float[] key = new float[4];
    QueryBlock zeros = new QueryBlock(new float[4], 1, 4, 1);
    double sum = 0;
    for (int seed = 0; seed < 200; seed++) {
      Method.State state = CODED.begin(Streams.HEAD, 16 + 4 * 10, seed);
      for (int j = 0; j < 400; j++) {
        // A trend in time, which a sample of the wrong tokens does not average out.
        state.accept(key, rising(j / 400.0));
      }
      sum += state.answer(zeros).outputs()[0][0] / 200;
    }
    // The mean of 2 000 draws from 0 to 1 has a deviation of 0.29 / sqrt(2000) = 0.0065.
    assertThat(sum).isBetween(0.45, 0.55);
  }

  private static float[] rising(double x) {
    float[] value = new float[8];
    Arrays.fill(value, (float) x);
    return value;
  }

  @Test
  void errorFallsWithTheRootOfTheBytes() {
    double few = 0;
    double many = 0;
    for (int seed = 0; seed < 20; seed++) {
      few += error(16 + 4 * 20, seed);
      many += error(16 + 4 * 320, seed);
    }
    // With 320 tokens, the error of the codes shows.
    assertThat(few / many).isBetween(2.5, 4.8);
  }

  private static double error(int bytes, int seed) {
    Method.State state = CODED.begin(Streams.HEAD, bytes, seed);
    Streams.feed(state, Streams.N);
    return Streams.error(state, Streams.N);
  }

  /** A stage that sees noise of d numbers divides its square by 256^(2/d) at best. */
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
    ResidualQuantiser quantiser =
        ResidualQuantiser.learn(past, space, stages, new Random(7));
    byte[] codes = new byte[200 * stages];
    for (int j = 0; j < 200; j++) {
      quantiser.encode(row(past.keys(), j, 4), row(past.values(), j, 8), codes, j * stages);
    }
    TokenBlock decoded = quantiser.decode(codes, 200);
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
