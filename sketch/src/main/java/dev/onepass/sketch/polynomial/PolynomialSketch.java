package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Attention from moments: exp(q.k) is replaced by the Taylor polynomial P(q.(k - c)) = {@code
 * <phi(u q), phi((k - c) / u)>}, and the state is {@code S = sum_j phi((k_j - c) / u) (v_j, 1)}.
 * The centre c is the mean key at the moment the sketch was begun, the unit u (a power of two)
 * about the root mean square of |k - c| then; both are frozen and part of the state. The unit
 * changes no result, but keeps high powers of long or short keys within the range of a float.
 *
 * <p>Within the bound on |q.(k - c)| every weight is within the tolerance, so every answer is
 * within about twice the tolerance times max|v|. Beyond it nothing is promised; how many logits of
 * a query are beyond is estimated from the logits' mean and variance, which the state holds
 * exactly, and no answer hides it ({@link SoftmaxSum#beyondBound}).
 *
 * <p>Bytes behind the preamble, format 1 (t features; all numbers f4 unless named):
 *
 * <pre>
 *   20          24         32              40            48               56
 *   +-----------+----------+---------------+-------------+----------------+----------+------+------------+
 *   | degree i4 | bound f8 | peak tokens i8| moment f8   | peak moment f8 | radius   | unit | clipped i4 |
 *   +-----------+----------+---------------+-------------+----------------+----------+------+------------+
 *   68
 *   +------------+-----------------------+---------+-----------------------+
 *   | centre (d) | range (2 dv)          | den (t) | num (t x dv)          |
 *   +------------+-----------------------+---------+-----------------------+
 * </pre>
 */
public final class PolynomialSketch implements AttentionSketch {

  private final KeyFeatures keys;
  private final ValueRange range;
  private final LinearState sums;

  PolynomialSketch(KeyFeatures keys, int valueDim) {
    this(keys, new ValueRange(valueDim), new LinearState(keys.basis().size(), valueDim));
  }

  private PolynomialSketch(KeyFeatures keys, ValueRange range, LinearState sums) {
    this.keys = keys;
    this.range = range;
    this.sums = sums;
  }

  /** Bytes of a sketch; {@link Long#MAX_VALUE} where that is no int. */
  static long bytes(int keyDim, int valueDim, int degree) {
    long features = MonomialBasis.size(keyDim, degree);
    if (features > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long bytes =
        Preamble.BYTES
            + KeyFeatures.bytes(keyDim)
            + ValueRange.bytes(valueDim)
            + LinearState.bytes(features, valueDim);
    return bytes > Integer.MAX_VALUE ? Long.MAX_VALUE : bytes;
  }

  @Override
  public SketchFamily family() {
    return PolynomialFamily.INSTANCE;
  }

  @Override
  public int keyDim() {
    return keys.keyDim();
  }

  @Override
  public int valueDim() {
    return sums.valueDim();
  }

  /** Degree of the polynomial, even. */
  public int degree() {
    return keys.basis().degree();
  }

  /** Largest |q.(k - c)| up to which every weight is within the tolerance. */
  public double bound() {
    return keys.bound();
  }

  /**
   * Keys that were drawn in towards the centre because their features would have overflowed; the
   * promise of {@link #bound()} does not hold for them.
   */
  public int clippedKeys() {
    return keys.clipped();
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    range.include(block);
    keys.fold(
        block, (features, values, count) -> sums.fold(features, values, count, keys.tokens()));
  }

  @Override
  public void addTo(SoftmaxSum softmax, QueryBlock queries) {
    new FeatureReadout(keys, sums.den()).addTo(softmax, queries, valueDim(), sums::addTo, range);
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof PolynomialSketch polynomial)) {
      throw new IncompatibleSketchException(
          "a polynomial sketch cannot take in a sketch of family " + other.family().name());
    }
    if (polynomial.valueDim() != valueDim()) {
      throw new IncompatibleSketchException(
          "polynomial sketches of different dimensions cannot be merged");
    }
    keys.requireSameTerms(polynomial.keys);
    keys.merge(polynomial.keys);
    sums.merge(polynomial.sums, keys.tokens());
    range.include(polynomial.range);
  }

  @Override
  public long tokenCount() {
    return keys.tokens();
  }

  @Override
  public ValueRange valueRange() {
    ValueRange copy = new ValueRange(valueDim());
    copy.include(range);
    return copy;
  }

  @Override
  public int stateBytes() {
    return (int) bytes(keyDim(), valueDim(), degree());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    new Preamble(PolynomialFamily.INSTANCE.id(), keyDim(), valueDim(), tokenCount()).write(out);
    keys.write(out);
    range.write(out);
    sums.write(out);
    return out.toByteArray();
  }

  static PolynomialSketch read(Preamble preamble, WireReader in) {
    int d = preamble.keyDim();
    int dv = preamble.valueDim();
    KeyFeatures keys =
        KeyFeatures.read(
            preamble, in, degree -> bytes(d, dv, degree) - Preamble.BYTES - KeyFeatures.bytes(d));
    ValueRange range = ValueRange.read(in, dv);
    if (range.isEmpty() && preamble.tokens() > 0) {
      throw new CorruptSketchException("there are tokens, but no range of values");
    }
    return new PolynomialSketch(keys, range, LinearState.read(in, keys.basis().size(), dv));
  }
}
