// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.RecoveryRefusedException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.polynomial.FeatureReadout;
import dev.onepass.sketch.polynomial.FeatureSums;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.polynomial.TaylorPolynomial;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * The query side of the one-pass algorithm: sk(Q) = Phi D^-1 U1 (m1 x t) in the forms paper and
 * moments, Phi Y (m1 x dv) in the forms outputs and directions. Decoding first computes Z = Phi Y,
 * which is sk(Q) (sk(K)' sk(V)), or sk(Q) (U2' V), or kept as it is. Then it recovers each column
 * of Z.
 *
 * <p>Bytes behind the preamble, format 1 (all numbers f4 unless named):
 *
 * <pre>
 *   20        24          28        32              36           40    44        52
 *   +---------+-----------+---------+---------------+------------+-----+---------+------------+-----------+
 *   | form i4 | degree i4 | rows i4 | group rows i4 | buckets i4 | k i4| seed i8 | row ranges | m1 x width|
 *   +---------+-----------+---------+---------------+------------+-----+---------+------------+-----------+
 * </pre>
 *
 * <p>Width: t or dv, depending on the form. Row ranges: see {@link RowRanges}.
 */
public final class OnepassQueries implements QuerySketch {

  /** The largest number of bytes in addition to the cells. */
  static final int FIXED_BYTES = Preamble.BYTES + 6 * 4 + 8 + RowRanges.MAX_BYTES;

  private final Form form;
  private final int keyDim;
  private final int valueDim;
  private final int degree;
  private final int k;
  private final long seed;
  private final Phi phi;
  private final RowRanges rows;
  private final int width;
  private final float[] cells;

  private OnepassQueries(
      Form form,
      int keyDim,
      int valueDim,
      int degree,
      int k,
      long seed,
      Phi.Shape shape,
      RowRanges rows,
      float[] cells) {
    this.form = form;
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.degree = degree;
    this.k = k;
    this.seed = seed;
    this.phi = new Phi(shape, seed);
    this.rows = rows;
    this.cells = cells;
    this.width = (int) (cells.length / shape.cells());
  }

  /** Begins an empty query sketch. */
  static OnepassQueries begin(Sizes sizes, int keyDim, int valueDim, long seed) {
    int degree = sizes.degree().degree();
    long cells = sizes.phi().cells() * width(sizes.form(), keyDim, valueDim, degree);
    return new OnepassQueries(
        sizes.form(),
        keyDim,
        valueDim,
        degree,
        sizes.k(),
        seed,
        sizes.phi(),
        new RowRanges(),
        new float[Math.toIntExact(cells)]);
  }

  private static long width(Form form, int keyDim, int valueDim, int degree) {
    return !form.queriesCloseTokens() ? valueDim : MonomialBasis.size(keyDim, degree);
  }

  /** Returns the largest number of bytes; {@link Long#MAX_VALUE} if it exceeds an int. */
  static long bytes(Phi.Shape shape, long width) {
    double bytes = FIXED_BYTES + 4.0 * shape.cells() * width;
    return bytes > Integer.MAX_VALUE ? Long.MAX_VALUE : (long) bytes;
  }

  @Override
  public SketchFamily family() {
    return OnepassFamily.INSTANCE;
  }

  @Override
  public boolean closesTokens() {
    return form.queriesCloseTokens();
  }

  @Override
  public long rows() {
    return rows.rows();
  }

  @Override
  public long nextRow() {
    return rows.end();
  }

  Phi phi() {
    return phi;
  }

  @Override
  public void add(long row, QueryBlock queries, float[][] outputs, AttentionSketch tokens) {
    if (queries.dim() != keyDim) {
      throw new IllegalArgumentException(
          "Expected queries of dimension %d, got %d.".formatted(keyDim, queries.dim()));
    }
    double[][] vectors = new double[queries.count()][];
    if (!form.queriesCloseTokens()) {
      if (outputs == null || outputs.length != vectors.length) {
        throw new IllegalArgumentException(
            "In %s form, expected an output for each of %d queries."
                .formatted(form.label(), vectors.length));
      }
      for (int q = 0; q < vectors.length; q++) {
        if (outputs[q].length != valueDim) {
          throw new IllegalArgumentException(
              "Expected outputs of length %d, got %d.".formatted(valueDim, outputs[q].length));
        }
        vectors[q] = doubles(outputs[q]);
      }
    } else {
      OnepassSketch onepass = require(tokens);
      FeatureReadout readout = new FeatureReadout(onepass.keys(), onepass.sums().s());
      for (int q = 0; q < vectors.length; q++) {
        vectors[q] = readout.normalizedFeatures(queries, q);
      }
    }
    rows.add(row, Math.addExact(row, queries.count()));
    int count = phi.shape().rows() + phi.shape().groupRows();
    int[] at = new int[count];
    double[] weights = new double[count];
    for (int q = 0; q < vectors.length; q++) {
      phi.column(row + q, at, weights);
      long random = SplitMix64.mix(row + q);
      for (int r = 0; r < count; r++) {
        addTo(at[r] * width, vectors[q], weights[r], random + (long) r * width);
      }
    }
  }

  private void addTo(int offset, double[] vector, double weight, long random) {
    for (int i = 0; i < width; i++) {
      cells[offset + i] =
          RandomRounding.round(cells[offset + i] + weight * vector[i], SplitMix64.mix(random + i));
    }
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    Arrays.setAll(y, i -> x[i]);
    return y;
  }

  @Override
  public boolean fits(AttentionSketch tokens) {
    return !closesTokens()
        || (tokens instanceof OnepassSketch onepass
            && onepass.form() == form
            && onepass.keyDim() == keyDim
            && onepass.valueDim() == valueDim
            && onepass.keys().basis().degree() == degree);
  }

  /** Returns the token sketch as one of this family; queries that close tokens read it. */
  private OnepassSketch require(AttentionSketch tokens) {
    if (!fits(tokens)) {
      throw new IncompatibleSketchException(
          "In %s form, queries need the one-pass sketch of all tokens of their sequence."
              .formatted(form.label()));
    }
    return (OnepassSketch) tokens;
  }

  @Override
  public int largestK() {
    return k;
  }

  @Override
  public Recovery recover(AttentionSketch tokens, int sparsity) {
    return recover(tokens, sparsity, SparseRecovery.Search.BEST);
  }

  Recovery recover(AttentionSketch tokens, int sparsity, SparseRecovery.Search search) {
    if (sparsity < 1) {
      throw new IllegalArgumentException("k: expected at least 1, got " + sparsity + ".");
    }
    if (sparsity > k) {
      throw new RecoveryRefusedException(
          "%d, but the sketch was made for at most %d; the parameter %s sets that limit"
              .formatted(sparsity, k, OnepassFamily.RECOVER_K));
    }
    SparseRecovery recovery = new SparseRecovery(phi, rows, sparsity);
    if (recovery.work(valueDim) > SparseRecovery.MOST_WORK) {
      throw new RecoveryRefusedException(
          "%d, but %d rows of %d columns are too many to search at once; request a smaller k, or forget the sequence, after which rows count from 0"
              .formatted(sparsity, rows.rows(), valueDim));
    }
    return recovery.recover(sketchedOutputs(tokens), search);
  }

  /** Returns Z = Phi Y, one array of m1 cells per column. */
  double[][] sketchedOutputs(AttentionSketch tokens) {
    int m1 = cells.length / width;
    double[][] z = new double[valueDim][m1];
    if (!form.queriesCloseTokens()) {
      for (int i = 0; i < cells.length; i++) {
        z[i % valueDim][i / valueDim] = cells[i];
      }
      return z;
    }
    FeatureSums sums = require(tokens).sums();
    double[] product = new double[width];
    for (int c = 0; c < valueDim; c++) {
      sums.product(c, product);
      for (int m = 0; m < m1; m++) {
        double sum = 0;
        for (int r = 0; r < width; r++) {
          sum += cells[m * width + r] * product[r];
        }
        z[c][m] = sum;
      }
    }
    return z;
  }

  @Override
  public void merge(QuerySketch other) {
    if (!(other instanceof OnepassQueries queries)
        || queries.form != form
        || queries.keyDim != keyDim
        || queries.valueDim != valueDim
        || queries.degree != degree
        || queries.seed != seed
        || !queries.phi.shape().equals(phi.shape())) {
      throw new IncompatibleSketchException(
          "Query sketches can be merged only if form, dimensions, sizes and seed are equal.");
    }
    rows.addAll(queries.rows);
    long random = SplitMix64.mix(rows.rows());
    for (int i = 0; i < cells.length; i++) {
      cells[i] =
          RandomRounding.round((double) cells[i] + queries.cells[i], SplitMix64.mix(random + i));
    }
  }

  @Override
  public int stateBytes() {
    return FIXED_BYTES - RowRanges.MAX_BYTES + rows.bytes() + Float.BYTES * cells.length;
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    int family = OnepassFamily.INSTANCE.id() | Preamble.QUERY_SIDE;
    new Preamble(family, keyDim, valueDim, rows.rows()).write(out);
    out.putInt(form.code());
    out.putInt(degree);
    out.putInt(phi.shape().rows());
    out.putInt(phi.shape().groupRows());
    out.putInt(phi.shape().buckets());
    out.putInt(k);
    out.putLong(seed);
    rows.write(out);
    out.putFloats(cells, cells.length);
    return out.toByteArray();
  }

  static OnepassQueries read(Preamble preamble, WireReader in) {
    if (preamble.weighted()) {
      throw new CorruptSketchException("expected query rows without weights");
    }
    Form form = OnepassSketch.readForm(in);
    int degree = in.getInt("degree", 2, TaylorPolynomial.MAX_DEGREE);
    int leafRows = in.getInt("rows of Phi", 1, Guarantee.MAX_ROWS);
    int groupRows = in.getInt("group rows of Phi", 1, leafRows);
    int buckets = in.getInt("buckets of Phi", 1, 1 << 28);
    int k = in.getInt("sparsity", 1, buckets);
    if (degree % 2 != 0 || leafRows % 2 == 0 || groupRows % 2 == 0) {
      throw new CorruptSketchException(
          "expected an even degree and odd numbers of rows, got degree %d, %d rows and %d group rows"
              .formatted(degree, leafRows, groupRows));
    }
    long seed = in.getLong();
    RowRanges rows = RowRanges.read(in);
    if (rows.rows() != preamble.tokens()) {
      throw new CorruptSketchException(
          "rows: expected %d, got %d".formatted(preamble.tokens(), rows.rows()));
    }
    Phi.Shape shape = new Phi.Shape(leafRows, groupRows, buckets);
    long width = width(form, preamble.keyDim(), preamble.valueDim(), degree);
    in.require(bytes(shape, width) - FIXED_BYTES);
    float[] cells = in.getFloats(Math.toIntExact(shape.cells() * width));
    return new OnepassQueries(
        form, preamble.keyDim(), preamble.valueDim(), degree, k, seed, shape, rows, cells);
  }
}
