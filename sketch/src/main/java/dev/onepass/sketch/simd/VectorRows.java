// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The operations of {@link RowMix} on vectors, with the same bits. */
final class VectorRows {

  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

  private static final int LANES = FLOATS.length();

  private static final IntVector COUNTERS = IntVector.zero(INTS).addIndex(1).mul(RowMix.STEP);

  private VectorRows() {}

  static void mixRows(
      short[] rows,
      byte[] exponents,
      float[] keeps,
      float[] others,
      float[] takes,
      int[] seeds,
      int count,
      int dim) {
    RowMix mix = new RowMix(rows, others, dim);
    int whole = dim / LANES * LANES;
    for (int r = 0; r < count; r++) {
      if (takes[r] == 0) {
        continue;
      }
      int at = r * dim;
      mix.begin(at, exponents[r], keeps[r], takes[r], seeds[r]);
      int largest = largestBits(rows, others, at, at + whole, mix.ofOwn, mix.ofOther);
      if (mix.scale(Math.max(largest, mix.largestBits(whole)))) {
        round(rows, others, at, at + whole, mix);
        mix.round(whole);
      } else {
        mix.roundInDoubles();
      }
      exponents[r] = (byte) mix.exponent;
    }
  }

  private static int largestBits(
      short[] rows, float[] others, int from, int to, float ofOwn, float ofOther) {
    IntVector largest = IntVector.zero(INTS);
    for (int i = from; i < to; i += LANES) {
      IntVector numbers =
          (IntVector)
              ShortVector.fromArray(SHORTS, rows, i).convertShape(VectorOperators.S2I, INTS, 0);
      FloatVector own = numbers.add(RowMix.SHIFTER_BITS).reinterpretAsFloats().sub(RowMix.SHIFTER);
      FloatVector sum = own.mul(ofOwn).add(FloatVector.fromArray(FLOATS, others, i).mul(ofOther));
      largest =
          sum.reinterpretAsInts().lanewise(VectorOperators.AND, RowMix.MAGNITUDE).max(largest);
    }
    return IntVector.zero(INTS).max(largest).reduceLanes(VectorOperators.MAX);
  }

  /**
   * Is written out so that it is compiled on its own; together with its callers it would be too
   * large.
   */
  private static void round(short[] rows, float[] others, int from, int to, RowMix mix) {
    FloatVector ofWhole = FloatVector.broadcast(FLOATS, mix.ofWhole);
    FloatVector lessOwn = FloatVector.broadcast(FLOATS, mix.lessOwn);
    FloatVector ofOther = FloatVector.broadcast(FLOATS, mix.ofOtherInUnits);
    FloatVector shifter = FloatVector.broadcast(FLOATS, RowMix.SHIFTER);
    IntVector shifterBits = IntVector.broadcast(INTS, RowMix.SHIFTER_BITS);
    int counter = mix.seed;
    for (int i = from; i < to; i += LANES, counter += LANES * RowMix.STEP) {
      IntVector x = COUNTERS.add(counter);
      x = x.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x);
      x = x.mul(RowMix.FACTOR_1);
      x = x.lanewise(VectorOperators.LSHR, 13).lanewise(VectorOperators.XOR, x);
      x = x.mul(RowMix.FACTOR_2);
      x = x.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x);
      x = x.lanewise(VectorOperators.LSHR, 9).lanewise(VectorOperators.OR, RowMix.ONE_BITS);
      FloatVector chance = x.reinterpretAsFloats().sub(1.5f);
      IntVector numbers =
          (IntVector)
              ShortVector.fromArray(SHORTS, rows, i).convertShape(VectorOperators.S2I, INTS, 0);
      FloatVector own = numbers.add(shifterBits).reinterpretAsFloats().sub(shifter);
      FloatVector kept = own.mul(ofWhole);
      FloatVector whole = kept.add(shifter);
      FloatVector added = FloatVector.fromArray(FLOATS, others, i).mul(ofOther);
      FloatVector rest = kept.sub(whole.sub(shifter)).add(added.sub(own.mul(lessOwn)));
      FloatVector rounded = rest.add(chance).add(shifter);
      IntVector sum = whole.reinterpretAsInts().sub(shifterBits);
      sum = sum.add(rounded.reinterpretAsInts().sub(shifterBits));
      sum = sum.min(RowMix.LARGEST).max(-RowMix.LARGEST);
      ((ShortVector) sum.convertShape(VectorOperators.I2S, SHORTS, 0)).intoArray(rows, i);
    }
  }
}
