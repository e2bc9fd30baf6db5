// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Attention over tokens that stand for 2^level tokens: BalanceKV (Han, Kapralov, Kochetkova, Sheth
 * and Zandieh, arXiv 2502.07861). A block of one level is halved so that the sums of a kernel stay
 * balanced ({@link KernelHalving}), and the half goes to the next level.
 *
 * <p>Differences: the paper merges and reduces blocks of one size, of which up to half is unused.
 * Here the blocks of lower levels are smaller by a factor, a level is halved only when all bytes
 * are used, and below the lowest level one token is drawn of 2^level, as in the quantile sketch KLL
 * (Karnin, Lang and Liberty, FOCS 2016). So the bytes go to the level where halving matters most.
 * The weights sum to the number of tokens.
 */
final class BalanceKv implements Method {

  /** Number of tokens, and seed. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  private final KernelHalving halving;
  private final double decay;

  /**
   * Creates a method.
   *
   * @param decay size of a block relative to that of the next level, below 1
   */
  BalanceKv(KernelHalving halving, double decay) {
    this.halving = halving;
    this.decay = decay;
  }

  /** Returns the method in several settings, that of the paper first. */
  static Method tuned() {
    return new Tuned(
        "balance-kv",
        List.of(
            new BalanceKv(new KernelHalving(true, 1), 0.67),
            new BalanceKv(new KernelHalving(true, 1), 0.4),
            new BalanceKv(new KernelHalving(true, 0.4), 0.67),
            new BalanceKv(new KernelHalving(true, 0.4), 0.4),
            new BalanceKv(new KernelHalving(false, 1), 0.67),
            new BalanceKv(new KernelHalving(false, 0.4), 0.67)));
  }

  @Override
  public String name() {
    return "balance-kv";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    // Each level has a count.
    int levels = Long.SIZE;
    int few = Points.within(bytes - FIXED_BYTES, head, 4).slots();
    levels = capacities(few).length;
    Points points = Points.within(bytes - FIXED_BYTES - levels * Float.BYTES, head, 4);
    return new Levels(head, points, capacities(points.slots()), new Random(seed));
  }

  /** Returns the sizes of blocks, from the highest level down, which sum to nearly all points. */
  private int[] capacities(int points) {
    double[] sizes = {points * (1 - decay)};
    int[] capacities = new int[0];
    for (int left = points; left > 1; ) {
      int size = Math.min(left, Math.max(2, (int) Math.round(sizes[0])));
      capacities = Arrays.copyOf(capacities, capacities.length + 1);
      capacities[capacities.length - 1] = size;
      left -= size;
      sizes[0] *= decay;
    }
    return capacities;
  }

  private final class Levels implements State {
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

    Levels(Head head, Points points, int[] capacities, Random random) {
      this.head = head;
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
      List<Integer> pairs = block.subList(0, block.size() / 2 * 2);
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

    /** Draws of the points that are left below the lowest level. */
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
      double[] logWeights = new double[points.slots()];
      Arrays.fill(logWeights, Double.NEGATIVE_INFINITY);
      for (int level = 0; level < levels.size(); level++) {
        for (int slot : levels.get(level)) {
          logWeights[slot] = level * Math.log(2);
        }
      }
      if (drawnOf > 0) {
        logWeights[drawn] = Math.log(drawnOf);
      }
      return Unstated.of(points.sums(queries, slot -> logWeights[slot]));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + (long) capacities.length * Float.BYTES + points.bytes();
    }

    @Override
    public boolean isExact() {
      return levels.size() == 1;
    }
  }
}
