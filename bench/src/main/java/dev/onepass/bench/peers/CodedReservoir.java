// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.exact.ExactSketch;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A uniform reservoir of coded tokens ({@link ResidualQuantiser}): a token takes a byte for each
 * stage, so that many times as many tokens fit as in {@link UniformReservoir}. Caches of keys and
 * values are quantised like this (Hooper et al., KVQuant, arXiv 2401.18079; Zhang et al., Coupled
 * Quantization, arXiv 2405.03917). Differences: these papers keep every token; here tokens are
 * uncoded while all of them fit, then coded one by one, then lose their last stages as more tokens
 * come, and are sampled when all have the fewest stages. It promises that the sums of softmax over
 * the coded tokens are unbiased.
 */
final class CodedReservoir implements Method {

  /** Tokens seen, and the seed. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  /** Stages of a coded token while there are few tokens. */
  private static final int MOST_STAGES = 32;

  private final int stages;
  private final TokenSpace.Keys keys;
  private final double valueWeight;
  private final Optional<ResidualQuantiser> quantiser;

  /**
   * Creates a method that has not learned its entries.
   *
   * @param stages least number of bytes of a coded token
   * @param keys how errors of keys are measured
   * @param valueWeight size of values relative to keys
   */
  CodedReservoir(int stages, TokenSpace.Keys keys, double valueWeight) {
    this(stages, keys, valueWeight, Optional.empty());
  }

  private CodedReservoir(
      int stages, TokenSpace.Keys keys, double valueWeight, Optional<ResidualQuantiser> quantiser) {
    this.stages = stages;
    this.keys = keys;
    this.valueWeight = valueWeight;
    this.quantiser = quantiser;
  }

  /** Returns the method with the settings to choose from. */
  static Method tuned(int stages) {
    return new Tuned(
        name(stages),
        List.of(
            new CodedReservoir(stages, TokenSpace.Keys.PLAIN, 1),
            new CodedReservoir(stages, TokenSpace.Keys.PLAIN, 0.5),
            new CodedReservoir(stages, TokenSpace.Keys.BY_QUERIES, 1),
            new CodedReservoir(stages, TokenSpace.Keys.BY_QUERIES, 0.5)));
  }

  private static String name(int stages) {
    return "coded-" + stages;
  }

  @Override
  public String name() {
    return name(stages);
  }

  @Override
  public Method learn(Past past) {
    Head rows = past.rows();
    TokenSpace space = new TokenSpace(rows, keys, valueWeight);
    // Half of the bytes of an uncoded token, at most.
    int most = Math.min(MOST_STAGES, rows.keyDim() + rows.valueDim());
    ResidualQuantiser learned =
        ResidualQuantiser.learn(rows, space, Math.max(stages, most), new Random(past.seed()));
    return new CodedReservoir(stages, keys, valueWeight, Optional.of(learned));
  }

  @Override
  public long sharedBytes() {
    return quantiser.map(ResidualQuantiser::sharedBytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    ResidualQuantiser learned = Peers.learned(quantiser, name());
    int slots = (bytes - FIXED_BYTES) / stages;
    if (slots < 1) {
      throw new IllegalArgumentException(
          "a coded token does not fit in the state size; set a larger state size");
    }
    Points uncoded = Points.within(bytes - FIXED_BYTES, head, 0);
    if (stages >= uncoded.bytesOfOne()) {
      // Codes would be longer than the tokens.
      return new UniformReservoir().begin(head, bytes, seed);
    }
    return new Reservoir(learned, uncoded, bytes - FIXED_BYTES, slots, new Random(seed));
  }

  private static final class Reservoir implements State {
    private final ResidualQuantiser quantiser;
    private final Points uncoded;
    private final int bytes;
    private final int slots;
    private final Random random;

    /** All stages of each token, of which only the first ones are state. */
    private final byte[] codes;

    private int stages;
    private int coded;
    private long seen;

    Reservoir(ResidualQuantiser quantiser, Points uncoded, int bytes, int slots, Random random) {
      this.quantiser = quantiser;
      this.uncoded = uncoded;
      this.bytes = bytes;
      this.slots = slots;
      this.random = random;
      this.codes = new byte[slots * quantiser.stages()];
      this.stages = quantiser.stages();
    }

    @Override
    public void accept(float[] key, float[] value) {
      if (coded + uncoded.filled() == slots) {
        codeLast(uncoded.filled());
        long slot = UniformReservoir.slot(seen, slots, random);
        if (slot < slots) {
          code((int) slot, key, value);
        }
      } else if (makeRoom()) {
        uncoded.put(uncoded.filled(), key, value);
      } else {
        code(coded, key, value);
      }
      seen++;
    }

    /** Codes uncoded tokens until another one fits; returns whether it does. */
    private boolean makeRoom() {
      while (uncoded.filled() > 0 && !hasRoom()) {
        codeLast(1);
      }
      return hasRoom();
    }

    private void codeLast(int count) {
      for (int i = 0; i < count; i++) {
        int last = uncoded.filled() - 1;
        float[] key = uncoded.key(last);
        float[] value = uncoded.value(last);
        uncoded.dropLast();
        code(coded, key, value);
      }
    }

    private boolean hasRoom() {
      return stateBytes() + uncoded.bytesOfOne() <= FIXED_BYTES + bytes;
    }

    /** Codes a token, and drops the last stages of all tokens if they no longer fit. */
    private void code(int slot, float[] key, float[] value) {
      coded = Math.max(coded, slot + 1);
      stages = (int) Math.min(stages, (bytes - uncoded.bytes()) / coded);
      quantiser.encode(key, value, codes, slot * quantiser.stages(), stages);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      SoftmaxSum sums = uncoded.sums(queries);
      ExactSketch.addTo(sums, queries, quantiser.decode(codes, coded, stages));
      return Unstated.of(sums);
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + uncoded.bytes() + (long) coded * stages;
    }

    @Override
    public boolean isExact() {
      return coded == 0;
    }
  }
}
