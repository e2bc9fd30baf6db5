// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Attention over a few keys with the weights and values that Nystrom's method gives them: WildCat
 * (Mackey and Schroeder, WildCat: Near-Linear Attention in Theory and Practice, arXiv 2602.10056).
 * The keys are chosen by randomly pivoted Cholesky ({@link PivotedCholesky}). Answers are exact if
 * the points reach the rank of the kernel matrix.
 *
 * <p>Differences: the paper compresses a whole sequence at once. Here a block of new tokens joins
 * the points so far, each with the sums it has received, and all of them are reduced again, so that
 * the points are chosen over the whole stream. A point's weight counts in the choice. In some
 * settings, the mean past query becomes a weight of the token, so that the kernel need only hold
 * for queries about it. The temperature and the size of blocks are chosen on the past.
 */
final class NystromBlocks implements Method {

  private final Setting setting;
  private final Optional<PastMeans> means;

  /**
   * How points are chosen.
   *
   * @param temperature temperature relative to the past queries' spread over that of keys
   * @param blocks size of a block of new tokens, relative to the smallest affordable one
   * @param tilted whether tokens are weighted by the mean query
   */
  record Setting(double temperature, int blocks, boolean tilted) {}

  NystromBlocks(Setting setting) {
    this(setting, Optional.empty());
  }

  private NystromBlocks(Setting setting, Optional<PastMeans> means) {
    this.setting = setting;
    this.means = means;
  }

  /** Returns the method with the setting that is best on the past. */
  static Method tuned() {
    return new Tuned(
        "nystrom",
        List.of(
            new NystromBlocks(new Setting(0.25, 1, false)),
            new NystromBlocks(new Setting(0.125, 1, false)),
            new NystromBlocks(new Setting(0.25, 1, true)),
            new NystromBlocks(new Setting(0.5, 1, true)),
            new NystromBlocks(new Setting(0.25, 4, true))));
  }

  @Override
  public String name() {
    return "nystrom-" + setting;
  }

  @Override
  public Method learn(Past past) {
    return new NystromBlocks(setting, Optional.of(PastMeans.of(past)));
  }

  @Override
  public long sharedBytes() {
    return means.map(PastMeans::bytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    PastMeans learned = Peers.learned(means, name());
    int slots = NystromPoints.slots(bytes, head);
    if (slots < 2) {
      throw new IllegalArgumentException(
          "two points of %d bytes do not fit in the state size; set a larger state size"
              .formatted(NystromPoints.pointBytes(head)));
    }
    return new ExactFirst(
        bytes, head, new NystromPoints(head, slots, setting, learned, new Random(seed)));
  }
}
