// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Random;

/**
 * Attention over a uniform sample of the tokens, kept as a reservoir: algorithm R (Vitter, Random
 * Sampling with a Reservoir, 1985). The answer is the softmax over the sample.
 */
final class UniformReservoir implements Method {

  /** Tokens seen, and the seed. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  @Override
  public String name() {
    return "uniform";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    return new Reservoir(Points.within(bytes - FIXED_BYTES, head, 1), new Random(seed));
  }

  /**
   * Returns the slot for a token, the next one if some are free; {@code slots} or more if the token
   * is not kept.
   *
   * @param seen number of tokens before it
   */
  static long slot(long seen, int slots, Random random) {
    return seen < slots ? seen : (long) (random.nextDouble() * (seen + 1));
  }

  private static final class Reservoir implements State {
    private final Points sample;
    private final Random random;
    private long seen;

    Reservoir(Points sample, Random random) {
      this.sample = sample;
      this.random = random;
    }

    @Override
    public void accept(float[] key, float[] value) {
      long slot = slot(seen, sample.slots(), random);
      seen++;
      if (slot < sample.slots()) {
        sample.put((int) slot, key, value);
      }
    }

    @Override
    public Answered answer(QueryBlock queries) {
      return Unstated.of(sample.sums(queries));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + sample.bytes();
    }

    @Override
    public boolean isExact() {
      return seen <= sample.slots();
    }
  }
}
