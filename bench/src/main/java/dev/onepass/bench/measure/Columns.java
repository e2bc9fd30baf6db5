// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.api.Recovery;
import java.util.Arrays;

/** Comparison of recovered columns with true columns. */
public final class Columns {
  private Columns() {}

  /** Returns |T_i - y_i| / |y_i| of each column; y has one row for each query. */
  public static double[] errors(Recovery recovery, double[][] y) {
    double[] errors = new double[recovery.columns().size()];
    for (int c = 0; c < errors.length; c++) {
      double[] left = Errors.column(y, c);
      double norm = Numbers.norm(left);
      Recovery.Column column = recovery.columns().get(c);
      for (int i = 0; i < column.rows().length; i++) {
        left[(int) column.rows()[i]] -= column.values()[i];
      }
      errors[c] = Numbers.norm(left) / norm;
    }
    return errors;
  }

  /** Returns the estimates of |T_i - y_i| / |y_i| in a recovery. */
  public static double[] estimates(Recovery recovery) {
    return recovery.columns().stream().mapToDouble(Recovery.Column::tail).toArray();
  }

  /** Returns the minimum over k-sparse y' of |y' - y_i| / |y_i| of each column. */
  public static double[] tails(double[][] y, int k) {
    double[] tails = new double[y[0].length];
    for (int c = 0; c < tails.length; c++) {
      tails[c] = Numbers.tail(Errors.column(y, c), k);
    }
    return tails;
  }

  /** Returns |V_i| / |y_i| of each column, over the first tokens, one for each row of y. */
  public static double[] valuesToOutputs(Head head, double[][] y) {
    double[] ratios = new double[head.valueDim()];
    for (int c = 0; c < ratios.length; c++) {
      double values = 0;
      for (int j = 0; j < y.length; j++) {
        double v = head.values()[j * head.valueDim() + c];
        values += v * v;
      }
      ratios[c] = Math.sqrt(values) / Numbers.norm(Errors.column(y, c));
    }
    return ratios;
  }

  /** Returns the matrix with the mean of each column subtracted. */
  public static double[][] centred(double[][] y) {
    double[][] centred = new double[y.length][y[0].length];
    for (int c = 0; c < y[0].length; c++) {
      double mean = Arrays.stream(Errors.column(y, c)).average().orElseThrow();
      for (int i = 0; i < y.length; i++) {
        centred[i][c] = y[i][c] - mean;
      }
    }
    return centred;
  }

  /** Returns the matrix as floats, like outputs. */
  public static float[][] floats(double[][] y) {
    float[][] floats = new float[y.length][y[0].length];
    for (int i = 0; i < y.length; i++) {
      for (int c = 0; c < y[i].length; c++) {
        floats[i][c] = (float) y[i][c];
      }
    }
    return floats;
  }

  /** Returns the matrix as doubles, like exact answers. */
  static double[][] doubles(float[][] y) {
    double[][] doubles = new double[y.length][];
    for (int i = 0; i < y.length; i++) {
      doubles[i] = new double[y[i].length];
      for (int c = 0; c < y[i].length; c++) {
        doubles[i][c] = y[i][c];
      }
    }
    return doubles;
  }
}
