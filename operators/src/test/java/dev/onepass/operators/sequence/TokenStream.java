// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;

/**
 * An endless stream of tokens from a seed: token i is always the same. Keys and queries lie in
 * [-0.5, 0.5)^d, so that with the tests' scale every logit lies within 0.5.
 */
public final class TokenStream {
  public static final int KEY_DIM = 4;
  public static final int VALUE_DIM = 3;
  public static final double SCALE = 0.5;

  private final long seed;

  public TokenStream(long seed) {
    this.seed = seed;
  }

  public float[] key(int token) {
    return numbers(2L * token, KEY_DIM);
  }

  public float[] value(int token) {
    return numbers(2L * token + 1, VALUE_DIM);
  }

  /** Returns query vectors, one after the other. */
  public float[] queries(int count) {
    return numbers(-count, count * KEY_DIM);
  }

  private float[] numbers(long index, int count) {
    Random random = new Random(seed * 1_000_003 + index);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat() - 0.5f;
    }
    return numbers;
  }

  /** Returns exact attention over the tokens 0 to count - 1. */
  public ExactAttention.Result oracle(float[] queries, int count) {
    return oracle(queries, IntStream.range(0, count).boxed().toList());
  }

  /** Returns exact attention over these tokens. */
  public ExactAttention.Result oracle(float[] queries, List<Integer> tokens) {
    return oracle(queries, tokens, token -> 0);
  }

  /**
   * Returns exact attention over these tokens with weights.
   *
   * @param logWeights returns ln of a token's weight by its number
   */
  public ExactAttention.Result oracle(
      float[] queries, List<Integer> tokens, IntToDoubleFunction logWeights) {
    float[] keys = new float[tokens.size() * KEY_DIM];
    float[] values = new float[tokens.size() * VALUE_DIM];
    for (int j = 0; j < tokens.size(); j++) {
      System.arraycopy(key(tokens.get(j)), 0, keys, j * KEY_DIM, KEY_DIM);
      System.arraycopy(value(tokens.get(j)), 0, values, j * VALUE_DIM, VALUE_DIM);
    }
    double[] weights = tokens.stream().mapToInt(token -> token).mapToDouble(logWeights).toArray();
    int count = queries.length / KEY_DIM;
    return ExactAttention.attention(
        queries, count, keys, values, weights, tokens.size(), KEY_DIM, VALUE_DIM, SCALE);
  }

  /** Checks outputs and normalizers against the oracle's, each number to an absolute tolerance. */
  public static void assertClose(
      Reply.Answer answer, ExactAttention.Result oracle, double tolerance) {
    assertThat(answer.outputs()).hasNumberOfRows(oracle.logNormalizers().length);
    assertThat(answer.logNormalizer()).containsExactly(oracle.logNormalizers(), within(tolerance));
    for (int q = 0; q < answer.outputs().length; q++) {
      for (int c = 0; c < VALUE_DIM; c++) {
        assertThat((double) answer.outputs()[q][c])
            .as("query %d, coordinate %d", q, c)
            .isCloseTo(oracle.outputs()[q * VALUE_DIM + c], within(tolerance));
      }
    }
  }

  private static Offset<Double> within(double tolerance) {
    return Offset.offset(tolerance);
  }
}
