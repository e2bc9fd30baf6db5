// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PeersTest {
  private static final int N = 4_000;
  private static final Head HEAD = Planted.gaussian(N + 100, 4, 8, 0.3, Planted.Values.SIGNAL, 7);

  static List<Method> peers() {
    return Peers.ALL;
  }

  @ParameterizedTest
  @MethodSource("peers")
  void stayWithinTheirBytes(Method peer) {
    for (int bytes : new int[] {700, 1_024, 10_000}) {
      Method.State state = peer.begin(HEAD, bytes, 7);
      for (int n : new int[] {0, 1, 10, 1_000}) {
        feed(state, n);
        assertThat(state.stateBytes()).isLessThanOrEqualTo(bytes);
      }
      // Less than one slot is left unused.
      assertThat(state.stateBytes()).isGreaterThan(bytes - 4 * 12);
    }
  }

  @ParameterizedTest
  @MethodSource("peers")
  void areExactWhileEverythingFits(Method peer) {
    Method.State state = peer.begin(HEAD, 1 << 20, 7);
    feed(state, N);
    assertThat(error(state, N)).isLessThan(1e-6);
    assertThat(state.isExact()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("peers")
  void areNoLongerExactWhenATokenIsDropped(Method peer) {
    int slotBytes = 4 * 12;
    Method.State state = peer.begin(HEAD, 1_024, 7);
    int tokens = 0;
    for (long bytes = -1; state.stateBytes() > bytes; tokens++) {
      assertThat(state.isExact()).isTrue();
      bytes = state.stateBytes();
      feed(state, 1);
    }
    assertThat(tokens).isBetween(10, 1_024 / slotBytes + 1);
    assertThat(state.isExact()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("peers")
  void reportTooFewBytes(Method peer) {
    assertThatThrownBy(() -> peer.begin(HEAD, 40, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set a larger state size");
  }

  @Test
  void momentsAreAccurateToFirstOrder() {
    // The window has room for 20 tokens, so the moments hold nearly the whole stream.
    Method.State moments = new WindowAndMoments().begin(HEAD, 1_200, 7);
    Method.State window = new SinksAndWindow().begin(HEAD, 1_200, 7);
    feed(moments, N);
    feed(window, N);
    assertThat(error(moments, N)).isLessThan(0.1);
    assertThat(error(window, N)).isGreaterThan(0.5);
  }

  @Test
  void sampleIsUniform() {
    // Values are token numbers. The query is zero, so the answer is the mean of the sample.
    Head plain = new Head("plain", 1, 1, 1, new float[1], new float[1], new float[1], 1);
    double sum = 0;
    for (int seed = 0; seed < 200; seed++) {
      Method.State state = new UniformReservoir().begin(plain, 16 + 8 * 10, seed);
      for (int j = 0; j < 1_000; j++) {
        state.accept(new float[1], new float[] {j});
      }
      sum += state.answer(plain.queries(0, 1)).outputs()[0][0] / 200;
    }
    // The mean of 2 000 draws has a deviation of 289 / sqrt(2000) = 6.5.
    assertThat(sum).isBetween(475.0, 525.0);
  }

  @Test
  void windowKeepsTheFirstAndTheLastTokens() {
    Head plain = new Head("plain", 1, 1, 1, new float[1], new float[1], new float[1], 1);
    Method.State state = new SinksAndWindow().begin(plain, 8 + 8 * 7, 7);
    for (int j = 0; j < 100; j++) {
      state.accept(new float[1], new float[] {j});
    }
    float mean = state.answer(plain.queries(0, 1)).outputs()[0][0];
    assertThat(mean).isEqualTo((0 + 1 + 2 + 3 + 97 + 98 + 99) / 7f);
  }

  private static void feed(Method.State state, int tokens) {
    for (int j = 0; j < tokens; j++) {
      state.accept(
          Arrays.copyOfRange(HEAD.keys(), j * 4, j * 4 + 4),
          Arrays.copyOfRange(HEAD.values(), j * 8, j * 8 + 8));
    }
  }

  private static double error(Method.State state, int tokens) {
    double[][] exact = Attention.exact(HEAD, tokens, HEAD.queries(N, N + 100));
    float[][] outputs = state.answer(HEAD.queries(N, N + 100)).outputs();
    double[][] answers = new double[exact.length][8];
    for (int q = 0; q < answers.length; q++) {
      for (int c = 0; c < 8; c++) {
        answers[q][c] = outputs[q][c];
      }
    }
    return Errors.relative(answers, exact);
  }
}
