// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

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
  static final int FIXED_BYTES = 2 * Long.BYTES;

  /** Minimum number of points. */
  private static final int LEAST = 4;

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
            new BalanceKv(new KernelHalving(true, 1), 0.5),
            new BalanceKv(new KernelHalving(true, 0.3), 0.5),
            new BalanceKv(new KernelHalving(true, 0.1), 0.5),
            new BalanceKv(new KernelHalving(true, 0.1), 0.3),
            new BalanceKv(new KernelHalving(true, 0.1), 0.67),
            new BalanceKv(new KernelHalving(false, 0.2), 0.4)));
  }

  @Override
  public String name() {
    return "balance-kv";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    int left = bytes - FIXED_BYTES;
    // Each level has a count.
    int levels = capacities(Points.within(left, head, LEAST).slots()).length;
    Points points = Points.within(left - levels * Float.BYTES, head, LEAST);
    return new HalvedLevels(head, points, capacities(points.slots()), halving, new Random(seed));
  }

  /** Returns the sizes of blocks, from the highest level down, which sum to nearly all points. */
  private int[] capacities(int points) {
    IntStream.Builder capacities = IntStream.builder();
    double size = points * (1 - decay);
    for (int left = points; left > 1; size *= decay) {
      int capacity = Math.min(left, Math.max(2, (int) Math.round(size)));
      capacities.add(capacity);
      left -= capacity;
    }
    return capacities.build().toArray();
  }
}
