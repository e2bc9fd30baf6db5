// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Attention over the tokens of the largest logits among those that are kept: retrieval from a long
 * history as in SIM (Pi et al., Search-based User Interest Modeling, arXiv 2006.05639) and ETA
 * (Chen et al., End-to-End User Behavior Retrieval, arXiv 2108.04468). Differences: the papers keep
 * every token; and they search by category or by hashes, where logits are compared here. It
 * promises the answers of softmax over the best tokens among those kept, so exact answers while no
 * more tokens came than it retrieves.
 */
final class TopKRetrieval implements Method {

  /** Tokens seen, and the seed. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  /** Which tokens are kept. */
  enum Kept {
    /** A uniform sample. */
    SAMPLE,
    /** The newest ones. */
    LAST
  }

  private final Kept kept;
  private final double share;

  /**
   * Creates a method.
   *
   * @param kept which tokens are kept
   * @param share number of retrieved tokens, as a share of those that fit
   */
  TopKRetrieval(Kept kept, double share) {
    this.kept = kept;
    this.share = share;
  }

  /**
   * Returns the method with the settings to choose from. The largest share comes first: it is taken
   * where past sequences are so short that all shares retrieve all of their tokens.
   */
  static Method tuned() {
    List<Method> settings = new ArrayList<>();
    for (Kept kept : Kept.values()) {
      for (double share : new double[] {0.7, 0.3, 0.1}) {
        settings.add(new TopKRetrieval(kept, share));
      }
    }
    return new Tuned("top-k", settings);
  }

  @Override
  public String name() {
    return "top-k";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    Points tokens = Points.within(bytes - FIXED_BYTES, head, 1);
    return new Retrieval(tokens, new Random(seed));
  }

  private final class Retrieval implements State {
    private final Points tokens;
    private final Random random;
    private final int retrieved;
    private long seen;

    Retrieval(Points tokens, Random random) {
      this.tokens = tokens;
      this.random = random;
      this.retrieved = (int) Math.max(1, Math.round(share * tokens.slots()));
    }

    @Override
    public void accept(float[] key, float[] value) {
      long slot =
          kept == Kept.LAST
              ? seen % tokens.slots()
              : UniformReservoir.slot(seen, tokens.slots(), random);
      seen++;
      if (slot < tokens.slots()) {
        tokens.put((int) slot, key, value);
      }
    }

    @Override
    public Answered answer(QueryBlock queries) {
      SoftmaxSum sums = new SoftmaxSum(queries.count(), tokens.valueDim());
      for (int q = 0; q < queries.count(); q++) {
        tokens.addLargest(sums, queries, q, retrieved);
      }
      return Unstated.of(sums);
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + tokens.bytes();
    }

    @Override
    public boolean isExact() {
      return seen <= retrieved;
    }
  }
}
