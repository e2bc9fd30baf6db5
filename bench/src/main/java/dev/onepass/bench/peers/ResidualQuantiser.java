// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.Draws;
import dev.onepass.sketch.simd.Floats;
import java.util.Arrays;
import java.util.Random;

/**
 * A residual quantiser of tokens (Chen, Guan and Wang, Approximate Nearest Neighbor Search by
 * Residual Vector Quantization, Sensors 10, 2010): each stage codes what the stages before it left
 * of key and value as the nearest of {@value #ENTRIES} entries, in one byte. The entries are
 * centres of past tokens.
 */
final class ResidualQuantiser {

  /** Entries of a stage. */
  static final int ENTRIES = 256;

  /** Maximum number of past rows to learn from; learning takes one to two seconds. */
  private static final int ROWS = 8_000;

  /** The same for stages from {@value #LATE} on, which see little but noise. */
  private static final int LATE_ROWS = 4_000;

  private static final int LATE = 8;

  private static final int ROUNDS = 4;

  private final TokenSpace space;
  private final int valueDim;
  private final float[] mean;
  private final Centres[] stages;

  private ResidualQuantiser(TokenSpace space, int valueDim, float[] mean, Centres[] stages) {
    this.space = space;
    this.valueDim = valueDim;
    this.mean = mean;
    this.stages = stages;
  }

  /**
   * Learns a quantiser.
   *
   * @param past past rows
   * @param space coordinates in which tokens are coded, values included
   * @param count number of stages
   */
  static ResidualQuantiser learn(Head past, TokenSpace space, int count, Random random) {
    Head some = past.only(Draws.distinct(past.rows(), Math.min(ROWS, past.rows()), random));
    float[] left = space.coordinates(some.keys(), some.values());
    float[] mean = Floats.of(Metric.mean(left, space.dim()));
    Centres[] stages = new Centres[count];
    ResidualQuantiser made = new ResidualQuantiser(space, past.valueDim(), mean, stages);
    made.subtractMean(left);
    for (int s = 0; s < count; s++) {
      if (s == LATE) {
        left = Arrays.copyOf(left, Math.min(left.length, LATE_ROWS * space.dim()));
      }
      stages[s] = KMeans.of(left, space.dim(), ENTRIES, ROUNDS, random);
      subtractOthers(stages[s], left);
    }
    return made;
  }

  /**
   * Subtracts from each row the centre that the other rows of its cluster would have. What is left
   * is then as large as for rows that the stage has not learned from, also where few rows share a
   * centre. Nothing is left of a row that is alone.
   */
  private static void subtractOthers(Centres stage, float[] rows) {
    int[] entries = stage.nearestToAll(rows);
    int[] counts = new int[stage.count()];
    for (int entry : entries) {
      counts[entry]++;
    }
    subtract(stage, rows, entries);
    for (int i = 0; i < rows.length; i++) {
      int count = counts[entries[i / stage.dim()]];
      rows[i] *= count > 1 ? count / (count - 1f) : 1;
    }
  }

  private void subtractMean(float[] rows) {
    for (int i = 0; i < rows.length; i++) {
      rows[i] -= mean[i % mean.length];
    }
  }

  private static void subtract(Centres stage, float[] rows, int[] entries) {
    for (int j = 0; j < entries.length; j++) {
      stage.addTo(rows, j * stage.dim(), entries[j], -1);
    }
  }

  /** Returns the number of stages. */
  int stages() {
    return stages.length;
  }

  /** Returns the bytes of all entries, of the mean and of the metric, 4 for each number. */
  long sharedBytes() {
    long entries = Arrays.stream(stages).mapToLong(Centres::bytes).sum();
    return entries + (long) Float.BYTES * mean.length + space.sharedBytes();
  }

  /**
   * Codes a token, one byte for each stage.
   *
   * @param codes receives the bytes
   * @param at index of the first byte
   * @param count number of stages
   */
  void encode(float[] key, float[] value, byte[] codes, int at, int count) {
    float[] left = space.coordinates(key, value);
    subtractMean(left);
    for (int s = 0; s < count; s++) {
      int[] entry = {stages[s].nearest(left)};
      codes[at + s] = (byte) entry[0];
      subtract(stages[s], left, entry);
    }
  }

  /**
   * Returns the first tokens of an array of codes.
   *
   * @param codes bytes of all stages of each token
   * @param count number of stages to decode
   */
  TokenBlock decode(byte[] codes, int tokens, int count) {
    int dim = space.dim();
    float[] rows = new float[tokens * dim];
    for (int j = 0; j < tokens; j++) {
      System.arraycopy(mean, 0, rows, j * dim, dim);
      for (int s = 0; s < count; s++) {
        int entry = Byte.toUnsignedInt(codes[j * stages.length + s]);
        stages[s].addTo(rows, j * dim, entry, 1);
      }
    }
    return TokenBlock.of(dim - valueDim, valueDim, tokens, space.keys(rows), space.values(rows));
  }
}
