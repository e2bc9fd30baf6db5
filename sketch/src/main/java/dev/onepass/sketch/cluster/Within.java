package dev.onepass.sketch.cluster;

import dev.onepass.sketch.feature.RandomRounding;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * What all clusters share: the sums, over tokens, of x x' (S, d x d, half kept) and of x y' (X, d x
 * dv), with x and y a token's key and value less the means of its cluster. Each is kept or not, as
 * the bytes allow. They grow whenever two clusters become one, by n_a n_b / (n_a + n_b) times the
 * products of the differences of the means, which is exact.
 *
 * <p>Kept in float; what a block adds is summed in double and rounded at random once. The sum of
 * y'y is always kept, in double.
 *
 * <p>Bytes: the sum of y'y (f8), S, lower half by row (f4 each), X (d x dv x f4).
 */
final class Within {

  private final int keyDim;
  private final int valueDim;
  private final float[] squares;
  private final float[] products;
  private final double[] moreSquares;
  private final double[] moreProducts;
  private final double[] x;
  private final double[] y;
  private double valueScatter;
  private boolean changed;

  Within(Sizes sizes) {
    keyDim = sizes.keyDim();
    valueDim = sizes.valueDim();
    squares = new float[(int) (sizes.squareBytes() / Float.BYTES)];
    products = new float[(int) (sizes.productBytes() / Float.BYTES)];
    moreSquares = new double[squares.length];
    moreProducts = new double[products.length];
    x = new double[keyDim];
    y = new double[valueDim];
  }

  /**
   * Adds what the union of two clusters scatters beyond each of them.
   *
   * @param weight n_a n_b / (n_a + n_b)
   * @return |mu_b - mu_a|^2
   */
  double add(Clusters clusters, int a, int b, double weight) {
    double valueDistance = 0;
    for (int c = 0; c < valueDim; c++) {
      y[c] = (double) clusters.values[b * valueDim + c] - clusters.values[a * valueDim + c];
      valueDistance += y[c] * y[c];
    }
    valueScatter += weight * valueDistance;
    double distance = 0;
    for (int i = 0; i < keyDim; i++) {
      x[i] = (double) clusters.keys[b * keyDim + i] - clusters.keys[a * keyDim + i];
      distance += x[i] * x[i];
    }
    if (distance == 0) {
      return 0;
    }
    changed = true;
    if (squares.length > 0) {
      for (int i = 0, e = 0; i < keyDim; i++) {
        double factor = weight * x[i];
        for (int l = 0; l <= i; l++, e++) {
          moreSquares[e] += factor * x[l];
        }
      }
    }
    if (products.length > 0) {
      for (int i = 0; i < keyDim; i++) {
        double factor = weight * x[i];
        for (int c = 0, p = i * valueDim; c < valueDim; c++, p++) {
          moreProducts[p] += factor * y[c];
        }
      }
    }
    return distance;
  }

  /** Adds the sums over other tokens. */
  void add(Within other) {
    valueScatter += other.valueScatter;
    for (int e = 0; e < squares.length; e++) {
      moreSquares[e] += other.squares[e];
    }
    for (int p = 0; p < products.length; p++) {
      moreProducts[p] += other.products[p];
    }
    changed = true;
  }

  /**
   * Rounds what was added since the last call into the sums.
   *
   * @param random 64 bits that no other call uses
   */
  void settle(long random) {
    if (changed) {
      long bits = settle(moreSquares, squares, random);
      settle(moreProducts, products, bits);
      changed = false;
    }
  }

  private static long settle(double[] more, float[] sums, long random) {
    long bits = random;
    for (int i = 0; i < sums.length; i++) {
      bits = RandomRounding.mix(bits);
      sums[i] = RandomRounding.round(sums[i] + more[i], bits);
      more[i] = 0;
    }
    return bits;
  }

  /** The scatter of all keys along a query, q'Sq, where S is kept; otherwise as if S were round. */
  double scatterAlong(double[] query, double trace) {
    double sum = 0;
    if (squares.length == 0) {
      for (double coordinate : query) {
        sum += coordinate * coordinate;
      }
      return sum * trace / keyDim;
    }
    for (int i = 0, e = 0; i < keyDim; i++) {
      double row = 0;
      for (int l = 0; l < i; l++, e++) {
        row += squares[e] * query[l];
      }
      sum += query[i] * (2 * row + squares[e++] * query[i]);
    }
    return Math.max(0, sum);
  }

  /** X'q, zero where X is not kept. */
  void slopeAlong(double[] query, double[] slope) {
    Arrays.fill(slope, 0);
    if (products.length > 0) {
      for (int i = 0; i < keyDim; i++) {
        for (int c = 0, p = i * valueDim; c < valueDim; c++, p++) {
          slope[c] += query[i] * products[p];
        }
      }
    }
  }

  /** S and X as they are, for tests. */
  float get(int row, int column) {
    return squares[row * (row + 1) / 2 + column];
  }

  /** The sum of the square distances of values from the mean value of their cluster. */
  double valueScatter() {
    return valueScatter;
  }

  void write(WireWriter out) {
    out.putDouble(valueScatter);
    out.putFloats(squares, squares.length);
    out.putFloats(products, products.length);
  }

  static Within read(WireReader in, Sizes sizes) {
    in.require(Double.BYTES + sizes.squareBytes() + sizes.productBytes());
    Within within = new Within(sizes);
    within.valueScatter = in.getDouble();
    if (!(within.valueScatter >= 0)) {
      throw new CorruptSketchException("the scatter of values is " + within.valueScatter);
    }
    in.getFloats(within.squares, within.squares.length, WireReader.Infinities.REFUSED);
    in.getFloats(within.products, within.products.length, WireReader.Infinities.REFUSED);
    return within;
  }
}
