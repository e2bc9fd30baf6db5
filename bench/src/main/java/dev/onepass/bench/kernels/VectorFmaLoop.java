// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A loop of twelve independent chains, more than two units with a latency of four cycles can hold.
 */
final class VectorFmaLoop implements FmaLoop {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int CHAINS = 12;

  @Override
  public int operationsPerRound() {
    return 2 * CHAINS * SPECIES.length();
  }

  @Override
  public float run(int rounds) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = y;
    FloatVector b = x;
    FloatVector c = y.add(1);
    FloatVector d = y.add(2);
    FloatVector e = y.add(3);
    FloatVector f = y.add(4);
    FloatVector g = y.add(5);
    FloatVector h = y.add(6);
    FloatVector i = y.add(7);
    FloatVector j = y.add(8);
    FloatVector k = y.add(9);
    FloatVector l = y.add(10);
    for (int round = 0; round < rounds; round++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f);
    sum = sum.add(g).add(h).add(i).add(j).add(k).add(l);
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
