// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.bench.methods.Method;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every peer, once it has learned from the past. */
class PeersTest {

  static List<Method> peers() {
    return Peers.ALL.stream().map(peer -> peer.learn(Streams.PAST)).toList();
  }

  @Test
  void haveNamesOfTheirOwn() {
    assertThat(Peers.ALL.stream().map(Method::name)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("peers")
  void stayWithinTheirBytes(Method peer) {
    for (int bytes : new int[] {1_024, 1_500, 10_000}) {
      Method.State state = peer.begin(Streams.HEAD, bytes, 7);
      long most = 0;
      for (int j = 0; j < 1_000; j++) {
        Streams.feed(state, Streams.HEAD, j, j + 1);
        assertThat(state.stateBytes()).isLessThanOrEqualTo(bytes);
        most = Math.max(most, state.stateBytes());
      }
      // Bytes that are left unused would be unfair to the peer. A buffer may be empty at times.
      assertThat(most).isGreaterThan((long) (0.8 * bytes));
    }
  }

  @ParameterizedTest
  @MethodSource("peers")
  void answersAreFiniteAtEveryMoment(Method peer) {
    Method.State state = peer.begin(Streams.HEAD, 2_048, 7);
    for (int n = 0; n < 300; n++) {
      Streams.feed(state, 1);
      for (float[] output : state.answer(Streams.HEAD.queries(n, n + 3)).outputs()) {
        for (float x : output) {
          assertThat(x).isFinite();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("peers")
  void answersDependOnTheSeedOnly(Method peer) {
    Method.State one = peer.begin(Streams.HEAD, 4_096, 7);
    Method.State other = peer.begin(Streams.HEAD, 4_096, 7);
    Streams.feed(one, 2_000);
    Streams.feed(other, 2_000);
    assertThat(one.answer(Streams.QUERIES).outputs())
        .isDeepEqualTo(other.answer(Streams.QUERIES).outputs());
  }

  @ParameterizedTest
  @MethodSource("peers")
  void aPeerThatCallsItselfExactIs(Method peer) {
    Method.State state = peer.begin(Streams.HEAD, 1 << 17, 7);
    Streams.feed(state, 1_000);
    if (state.isExact()) {
      // Vectors have 16 bits.
      assertThat(Streams.error(state, 1_000)).isLessThan(2e-3);
    }
    Streams.feed(state, 3_000);
    assertThat(Streams.error(state, 4_000)).isLessThan(1.5);
  }

  @ParameterizedTest
  @MethodSource("peers")
  void reportTooFewBytes(Method peer) {
    assertThatThrownBy(() -> peer.begin(Streams.HEAD, 8, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set a larger state size");
  }
}
