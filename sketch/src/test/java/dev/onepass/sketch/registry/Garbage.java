// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import com.sun.management.ThreadMXBean;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactFamily;
import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * A program that prints how many bytes a fold allocates per token and an answer per query, once
 * both are compiled. Its argument is the number of a case in {@link FamilyCase#all}.
 */
final class Garbage {

  private static final int DIM = 32;

  private static final int CUT = 31;

  private static final int BYTES = 160_000;

  private static final int BLOCKS = 600;

  private static final int QUERIES = 2_000;

  /** Everything is compiled before the last round. */
  private static final int ROUNDS = 3;

  private Garbage() {}

  public static void main(String[] args) {
    Random random = new Random(3);
    TokenBlock tokens = Streams.gaussian(random, BLOCKS * CUT, DIM, DIM, 0.3);
    QueryBlock query = Streams.queries(random, 1, DIM, 2, 1);
    FamilyCase family = FamilyCase.all().get(Integer.parseInt(args[0]));
    int blocks = family.family() == ExactFamily.INSTANCE ? 1 : BLOCKS;
    SketchConfig config = new SketchConfig(DIM, DIM, BYTES, 17, family.parameters());
    long perToken = 0;
    long perQuery = 0;
    for (int round = 0; round < ROUNDS; round++) {
      AttentionSketch sketch =
          family.family().begin(config, tokens.slice(0, CUT), family.anchors(DIM));
      long before = allocated();
      for (int b = 0; b < blocks; b++) {
        sketch.update(tokens.slice(b * CUT, (b + 1) * CUT));
      }
      perToken = (allocated() - before) / ((long) blocks * CUT);
      before = allocated();
      for (int q = 0; q < QUERIES; q++) {
        sketch.addTo(new SoftmaxSum(1, DIM), query);
      }
      perQuery = (allocated() - before) / QUERIES;
    }
    System.out.println(perToken + " " + perQuery);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
