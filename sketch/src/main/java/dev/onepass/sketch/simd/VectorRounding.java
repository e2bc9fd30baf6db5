// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The operations of {@link RowRounding} on vectors, with the same bits. */
final class VectorRounding {

  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

  private static final int LANES = FLOATS.length();

  private static final IntVector COUNTERS = IntVector.zero(INTS).addIndex(1).mul(RowMix.STEP);

  private VectorRounding() {}

  static void roundRow(float[] row, int at, int dim) {
    int rest = at + dim / LANES * LANES;
    int to = at + dim;
    int largest = Math.max(largestBits(row, at, rest), RowRounding.largestBits(row, rest, to));
    int exponent = RowRounding.exponent(largest);
    round(row, at, rest, RowRounding.unit(exponent), RowRounding.unit(-exponent));
    RowRounding.round(row, rest, to, exponent);
  }

  private static int largestBits(float[] row, int from, int to) {
    IntVector largest = IntVector.zero(INTS);
    for (int i = from; i < to; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, row, i).reinterpretAsInts();
      largest = bits.lanewise(VectorOperators.AND, RowMix.MAGNITUDE).max(largest);
    }
    return IntVector.zero(INTS).max(largest).reduceLanes(VectorOperators.MAX);
  }

  private static void round(float[] row, int from, int to, float unit, float perUnit) {
    FloatVector units = FloatVector.broadcast(FLOATS, unit);
    FloatVector perUnits = FloatVector.broadcast(FLOATS, perUnit);
    FloatVector shifter = FloatVector.broadcast(FLOATS, RowMix.SHIFTER);
    IntVector shifterBits = IntVector.broadcast(INTS, RowMix.SHIFTER_BITS);
    for (int i = from; i < to; i += LANES) {
      FloatVector shifted = FloatVector.fromArray(FLOATS, row, i).mul(perUnits).add(shifter);
      IntVector number = shifted.reinterpretAsInts().sub(shifterBits);
      number = number.min(RowMix.LARGEST).max(-RowMix.LARGEST).add(shifterBits);
      FloatVector whole = number.reinterpretAsFloats().sub(shifter);
      whole.mul(units).intoArray(row, i);
    }
  }

  static void mixRow(
      float[] row, int at, float[] other, int from, int dim, float less, float take, int seed) {
    int whole = dim / LANES * LANES;
    int largestOwn =
        Math.max(
            largestBits(row, at, at + whole), RowRounding.largestBits(row, at + whole, at + dim));
    int largest =
        Math.max(
            largestBitsOfSum(row, at, other, from, whole, less, take),
            RowRounding.largestBitsOfSum(row, at, other, from, whole, dim, less, take));
    int exponent = RowRounding.exponentOfSum(largest, largestOwn);
    if (exponent == RowRounding.NONE) {
      RowRounding.mixInDoubles(row, at, other, from, dim, less, take, seed);
    } else {
      float unit = RowRounding.unit(exponent);
      float perUnit = RowRounding.unit(-exponent);
      mix(row, at, other, from, whole, less, take, seed, unit, perUnit);
      RowRounding.mix(row, at, other, from, whole, dim, less, take, seed, exponent);
    }
  }

  private static int largestBitsOfSum(
      float[] row, int at, float[] other, int from, int dim, float less, float take) {
    FloatVector lessOwn = FloatVector.broadcast(FLOATS, less);
    FloatVector share = FloatVector.broadcast(FLOATS, take);
    IntVector magnitude = IntVector.broadcast(INTS, RowMix.MAGNITUDE);
    IntVector largest = IntVector.zero(INTS);
    for (int c = 0; c < dim; c += LANES) {
      FloatVector own = FloatVector.fromArray(FLOATS, row, at + c);
      FloatVector added = FloatVector.fromArray(FLOATS, other, from + c).sub(own.mul(lessOwn));
      IntVector bits = own.add(added.mul(share)).reinterpretAsInts();
      largest = bits.and(magnitude).max(largest);
    }
    return IntVector.zero(INTS).max(largest).reduceLanes(VectorOperators.MAX);
  }

  /**
   * Is written out so that it is compiled on its own; together with its callers it would be too
   * large.
   */
  private static void mix(
      float[] row,
      int at,
      float[] other,
      int from,
      int dim,
      float less,
      float take,
      int seed,
      float unit,
      float perUnit) {
    FloatVector units = FloatVector.broadcast(FLOATS, perUnit);
    FloatVector lessOwn = FloatVector.broadcast(FLOATS, less);
    FloatVector share = FloatVector.broadcast(FLOATS, take);
    FloatVector shifter = FloatVector.broadcast(FLOATS, RowMix.SHIFTER);
    IntVector shifterBits = IntVector.broadcast(INTS, RowMix.SHIFTER_BITS);
    int counter = seed;
    for (int c = 0; c < dim; c += LANES, counter += LANES * RowMix.STEP) {
      IntVector x = COUNTERS.add(counter);
      x = x.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x);
      x = x.mul(RowMix.FACTOR_1);
      x = x.lanewise(VectorOperators.LSHR, 13).lanewise(VectorOperators.XOR, x);
      x = x.mul(RowMix.FACTOR_2);
      x = x.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x);
      x = x.lanewise(VectorOperators.LSHR, 9).lanewise(VectorOperators.OR, RowMix.ONE_BITS);
      FloatVector chance = x.reinterpretAsFloats().sub(1.5f);
      FloatVector own = FloatVector.fromArray(FLOATS, row, at + c).mul(units);
      FloatVector whole = own.add(shifter);
      FloatVector added = FloatVector.fromArray(FLOATS, other, from + c).mul(units);
      added = added.sub(own.mul(lessOwn)).mul(share);
      FloatVector rest = own.sub(whole.sub(shifter)).add(added);
      FloatVector rounded = rest.add(chance).add(shifter);
      IntVector number = whole.reinterpretAsInts().sub(shifterBits);
      number = number.add(rounded.reinterpretAsInts().sub(shifterBits));
      number = number.min(RowMix.LARGEST).max(-RowMix.LARGEST).add(shifterBits);
      number.reinterpretAsFloats().sub(shifter).mul(unit).intoArray(row, at + c);
    }
  }
}
