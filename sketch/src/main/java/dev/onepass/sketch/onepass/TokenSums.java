package dev.onepass.sketch.onepass;

import dev.onepass.sketch.polynomial.FeatureReadout;
import dev.onepass.sketch.polynomial.LinearState;
import dev.onepass.sketch.wire.WireWriter;

/** s and U2' V, the latter exactly or through Psi. */
interface TokenSums {

  /** s = U2' 1, t; not a copy. */
  float[] s();

  /** Length dv of values. */
  int valueDim();

  /**
   * Adds tokens.
   *
   * @param features count x t, rows of U2 times the token's weight
   * @param values count x dv, rows of V
   * @param salt decides roundings; differs from fold to fold, the same in every run
   */
  void fold(float[] features, float[] values, int count, long salt);

  /**
   * {@code features' U2' V} (dv) for that many queries: how it is best computed depends on how many
   * ask.
   */
  FeatureReadout.Numerator numerator(int queries);

  /** Writes column c of U2' V, t numbers. */
  void product(int c, double[] column);

  /** Adds all of other sums of the same kind. */
  void merge(TokenSums other, long salt);

  /** Bytes that {@link #write} takes. */
  long bytes();

  /** Writes everything. */
  void write(WireWriter out);

  /** Moments: U2' V itself, one rank-1 update a token. */
  record Moments(LinearState state) implements TokenSums {

    @Override
    public float[] s() {
      return state.den();
    }

    @Override
    public int valueDim() {
      return state.valueDim();
    }

    @Override
    public void fold(float[] features, float[] values, int count, long salt) {
      state.fold(features, values, count, salt);
    }

    @Override
    public FeatureReadout.Numerator numerator(int queries) {
      return state::addTo;
    }

    @Override
    public void product(int c, double[] column) {
      for (int r = 0; r < column.length; r++) {
        column[r] = state.num()[r * valueDim() + c];
      }
    }

    @Override
    public void merge(TokenSums other, long salt) {
      state.merge(((Moments) other).state, salt);
    }

    @Override
    public long bytes() {
      return LinearState.bytes(state.den().length, valueDim());
    }

    @Override
    public void write(WireWriter out) {
      state.write(out);
    }
  }
}
