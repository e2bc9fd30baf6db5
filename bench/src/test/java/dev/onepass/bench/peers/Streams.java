// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.stream.IntStream;

/** Streams that tests of peers share. */
final class Streams {
  static final int N = 4_000;

  /** Normal keys of 4 numbers, values of 8 that follow from them; the rows behind N are queries. */
  static final Head HEAD = Planted.gaussian(N + 100, 4, 8, 0.3, Planted.Values.SIGNAL, 7);

  static final QueryBlock QUERIES = HEAD.queries(N, N + 100);

  /** Eight sequences of the same distribution. */
  static final Past PAST =
      new Past(
          Planted.gaussian(1_600, 4, 8, 0.3, Planted.Values.SIGNAL, 8),
          IntStream.range(0, 1_600).map(row -> row % 8).toArray(),
          7);

  /** A head of one key, one query and values of one number. */
  static final Head PLAIN = new Head("plain", 1, 1, 1, new float[1], new float[1], new float[1], 1);

  private Streams() {}

  /** Feeds the first tokens of {@link #HEAD}. */
  static void feed(Method.State state, int tokens) {
    feed(state, HEAD, 0, tokens);
  }

  /** Feeds tokens {@code from} (inclusive) to {@code to} (exclusive) of a head. */
  static void feed(Method.State state, Head head, int from, int to) {
    for (int j = from; j < to; j++) {
      state.accept(head.key(j), head.value(j));
    }
  }

  /** Returns relF of answers to {@link #QUERIES} over the first tokens of {@link #HEAD}. */
  static double error(Method.State state, int tokens) {
    return Errors.relative(state.answer(QUERIES).outputs(), Attention.exact(HEAD, tokens, QUERIES));
  }
}
