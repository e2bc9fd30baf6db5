// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rules of one sequence, written as simply as possible: a list of tokens, a clock, and softmax
 * in double precision over all tokens. It keeps every token, and shares no code with what it
 * judges.
 */
final class SequenceModel {

  /**
   * A token that the sequence has.
   *
   * @param time the time that its weight decays from
   */
  record Held(float[] key, float[] value, float bias, long time) {

    private boolean is(float[] otherKey, float[] otherValue, float otherBias) {
      return Arrays.equals(key, otherKey) && Arrays.equals(value, otherValue) && bias == otherBias;
    }
  }

  /**
   * Answers to a block of queries.
   *
   * @param outputs queries x dv
   * @param logNormalizers ln of the sum of the decayed weights of each query
   */
  record Answered(double[] outputs, double[] logNormalizers) {}

  private enum Positions {
    UNDECIDED,
    WITH,
    WITHOUT
  }

  private final double scale;
  private final Decay decay;
  private final List<Held> tokens = new ArrayList<>();
  private final List<Held> retracted = new ArrayList<>();
  private Positions positions = Positions.UNDECIDED;
  private long lastPosition = -1;
  private long accepted;
  private long duplicates;
  private long clock;

  SequenceModel(double scale, Decay decay) {
    this.scale = scale;
    this.decay = decay;
  }

  Acceptance accept(long position, float[] key, float[] value, float bias, long time) {
    boolean hasPosition = position != Sequence.NO_POSITION;
    if (hasPosition && position <= lastPosition) {
      duplicates++;
      return Acceptance.DUPLICATE;
    }
    if (positions == (hasPosition ? Positions.WITHOUT : Positions.WITH)) {
      return Acceptance.MIXED_POSITIONS;
    }
    positions = hasPosition ? Positions.WITH : Positions.WITHOUT;
    lastPosition = Math.max(lastPosition, position);
    accepted++;
    clock = Math.max(clock + (decay.byTokens() ? 1 : 0), time);
    tokens.add(new Held(key, value, bias, clock));
    return Acceptance.ACCEPTED;
  }

  /** Takes back the newest equal token. */
  Acceptance retract(float[] key, float[] value, float bias) {
    for (int j = tokens.size() - 1; j >= 0; j--) {
      if (tokens.get(j).is(key, value, bias)) {
        retracted.add(tokens.remove(j));
        return Acceptance.ACCEPTED;
      }
    }
    return Acceptance.NOTHING_TO_RETRACT;
  }

  void forget() {
    tokens.clear();
    retracted.clear();
    positions = Positions.UNDECIDED;
    lastPosition = -1;
    accepted = 0;
    duplicates = 0;
    clock = 0;
  }

  /** Returns the tokens that are not taken back, in the order of acceptance. */
  List<Held> tokens() {
    return tokens;
  }

  long lastPosition() {
    return lastPosition;
  }

  long accepted() {
    return accepted;
  }

  long duplicates() {
    return duplicates;
  }

  long clock() {
    return clock;
  }

  /** Returns the largest |v| among all tokens, retracted ones included. */
  double largestValue() {
    double largest = 0;
    for (List<Held> some : List.of(tokens, retracted)) {
      for (Held token : some) {
        double squares = 0;
        for (float x : token.value) {
          squares += (double) x * x;
        }
        largest = Math.max(largest, squares);
      }
    }
    return Math.sqrt(largest);
  }

  /**
   * Answers queries.
   *
   * @param queries at least one token is needed
   * @param time the time of the queries
   */
  Answered answer(QueryBlock queries, long time) {
    int valueDim = tokens.get(0).value.length;
    double[] outputs = new double[queries.count() * valueDim];
    double[] logNormalizers = new double[queries.count()];
    for (int q = 0; q < queries.count(); q++) {
      double[] logits = logits(queries, q, tokens, time);
      double max = Arrays.stream(logits).max().orElseThrow();
      double den = 0;
      for (int j = 0; j < logits.length; j++) {
        double weight = Math.exp(logits[j] - max);
        den += weight;
        for (int c = 0; c < valueDim; c++) {
          outputs[q * valueDim + c] += weight * tokens.get(j).value[c];
        }
      }
      for (int c = 0; c < valueDim; c++) {
        outputs[q * valueDim + c] /= den;
      }
      logNormalizers[q] = max + Math.log(den);
    }
    return new Answered(outputs, logNormalizers);
  }

  /**
   * Returns how much of the mass is taken back: the mass of all tokens that the sequence ever had,
   * divided by the mass of those that it has; the largest over the queries.
   */
  double peak(QueryBlock queries) {
    double largest = 1;
    for (int q = 0; q < queries.count(); q++) {
      double[] left = logits(queries, q, tokens, clock);
      double[] gone = logits(queries, q, retracted, clock);
      double max = Math.max(largest(left), largest(gone));
      largest = Math.max(largest, 1 + mass(gone, max) / mass(left, max));
    }
    return largest;
  }

  private static double largest(double[] logits) {
    return Arrays.stream(logits).max().orElse(Double.NEGATIVE_INFINITY);
  }

  private static double mass(double[] logits, double max) {
    return Arrays.stream(logits).map(logit -> Math.exp(logit - max)).sum();
  }

  private double[] logits(QueryBlock queries, int q, List<Held> of, long time) {
    long now = decay.byTokens() ? clock : Math.max(time, clock);
    double[] logits = new double[of.size()];
    for (int j = 0; j < logits.length; j++) {
      Held token = of.get(j);
      double dot = 0;
      for (int i = 0; i < queries.dim(); i++) {
        dot += (double) queries.vectors()[q * queries.dim() + i] * token.key[i];
      }
      double halfLives = decay.isOn() ? (double) (now - token.time) / decay.halfLife() : 0;
      logits[j] = scale * dot + token.bias - halfLives * Math.log(2);
    }
    return logits;
  }
}
