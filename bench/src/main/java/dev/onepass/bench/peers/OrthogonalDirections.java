// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import java.util.Random;

/**
 * Random directions that are orthogonal in sets of {@code dim} and have the lengths of normal
 * vectors, so that each of them is a normal vector.
 */
final class OrthogonalDirections {

  private OrthogonalDirections() {}

  /** Draws directions, one row each. */
  static float[] draw(int count, int dim, Random random) {
    float[] directions = new float[count * dim];
    double[][] set = new double[dim][];
    for (int row = 0; row < count; row++) {
      double[] normal = new double[dim];
      for (int i = 0; i < dim; i++) {
        normal[i] = random.nextGaussian();
      }
      // A normal vector's length says nothing about its direction.
      double length = length(normal);
      int own = row % dim;
      for (int other = 0; other < own; other++) {
        takeOut(set[other], normal);
      }
      double left = length(normal);
      set[own] = normal;
      for (int i = 0; i < dim; i++) {
        normal[i] /= left;
        directions[row * dim + i] = (float) (length * normal[i]);
      }
    }
    return directions;
  }

  /** Subtracts from a vector its part along a unit vector. */
  private static void takeOut(double[] unit, double[] vector) {
    double along = 0;
    for (int i = 0; i < unit.length; i++) {
      along += unit[i] * vector[i];
    }
    for (int i = 0; i < unit.length; i++) {
      vector[i] -= along * unit[i];
    }
  }

  private static double length(double[] vector) {
    double squares = 0;
    for (double x : vector) {
      squares += x * x;
    }
    return Math.sqrt(squares);
  }
}
