// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method.Answered;
import dev.onepass.bench.methods.Method.State;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * The state of {@link BalanceKv}: levels of points that stand for 2^level tokens each, and below
 * them one token that is drawn of those that came since. Their weights sum to the number of tokens.
 */
final class HalvedLevels implements State {
  /** Maximum number of tokens that are halved at once, which bounds the kernel's memory. */
  private static final int MOST = 2_048;

  private final KernelHalving halving;
  private final Head head;
  private final Points points;
  private final int[] capacities;
  private final Random random;
  private final Deque<Integer> free = new ArrayDeque<>();

  /** Slots of the points of each level, in the order of time. */
  private final List<List<Integer>> levels = new ArrayList<>(List.of(new ArrayList<>()));

  /** Slot of a token that was drawn of fewer than 2^lowest tokens, and their number. */
  private int drawn = -1;

  private long drawnOf;

  /**
   * Creates levels without tokens.
   *
   * @param capacities sizes of blocks, from the highest level down
   */
  HalvedLevels(Head head, Points points, int[] capacities, KernelHalving halving, Random random) {
    this.head = head;
    this.halving = halving;
    this.points = points;
    this.capacities = capacities;
    this.random = random;
    for (int slot = 0; slot < points.slots(); slot++) {
      free.add(slot);
    }
  }

  private int lowest() {
    return Math.max(0, levels.size() - capacities.length);
  }

  @Override
  public void accept(float[] key, float[] value) {
    if (drawnOf == 0) {
      while (free.isEmpty()) {
        halve(fullLevel());
      }
    }
    // Halving may have drawn a token.
    if (drawnOf == 0) {
      drawn = free.remove();
    }
    drawnOf++;
    if (drawnOf == 1 || random.nextDouble() * drawnOf < 1) {
      points.put(drawn, key, value);
    }
    emit();
  }

  /** Moves the drawn token to the lowest level when it stands for as many tokens. */
  private void emit() {
    if (drawnOf == 1L << lowest()) {
      levels.get(lowest()).add(drawn);
      drawnOf = 0;
    }
  }

  /** Returns the lowest level that fills its block; the largest one if none does. */
  private int fullLevel() {
    int largest = lowest();
    for (int level = lowest(); level < levels.size(); level++) {
      int size = levels.get(level).size();
      if (size >= capacities[levels.size() - 1 - level] && size > 1) {
        return level;
      }
      largest = size > levels.get(largest).size() ? level : largest;
    }
    return largest;
  }

  private void halve(int level) {
    if (level + 1 == levels.size()) {
      levels.add(new ArrayList<>());
    }
    List<Integer> block = levels.get(level);
    List<Integer> pairs = block.subList(0, Math.min(MOST, block.size() / 2 * 2));
    boolean[] kept =
        halving.kept(
            head.keyDim(),
            pairs.stream().map(points::key).toArray(float[][]::new),
            pairs.stream().map(points::value).toArray(float[][]::new),
            random);
    for (int i = 0; i < kept.length; i++) {
      (kept[i] ? levels.get(level + 1) : free).add(pairs.get(i));
    }
    pairs.clear();
    clearBelow();
  }

  /** Halves the points below the lowest level; one that is left takes part in the draw. */
  private void clearBelow() {
    int below = lowest() - 1;
    if (below < 0 || levels.get(below).isEmpty()) {
      return;
    }
    if (levels.get(below).size() > 1) {
      halve(below);
      return;
    }
    int slot = levels.get(below).remove(0);
    if (drawnOf == 0) {
      drawn = slot;
    } else if (random.nextDouble() * (drawnOf + (1L << below)) < 1L << below) {
      free.add(drawn);
      drawn = slot;
    } else {
      free.add(slot);
    }
    drawnOf += 1L << below;
    emit();
  }

  @Override
  public Answered answer(QueryBlock queries) {
    return Unstated.of(sums(queries));
  }

  /** Returns the softmax sums of the points. */
  SoftmaxSum sums(QueryBlock queries) {
    double[] logWeights = new double[points.slots()];
    Arrays.fill(logWeights, Double.NEGATIVE_INFINITY);
    for (int level = 0; level < levels.size(); level++) {
      for (int slot : levels.get(level)) {
        logWeights[slot] = level * Math.log(2);
      }
    }
    if (drawnOf > 0) {
      logWeights[drawn] = Math.log((double) drawnOf);
    }
    return points.sums(queries, slot -> logWeights[slot]);
  }

  @Override
  public long stateBytes() {
    return BalanceKv.FIXED_BYTES + (long) capacities.length * Float.BYTES + points.bytes();
  }

  @Override
  public boolean isExact() {
    return levels.size() == 1;
  }
}
