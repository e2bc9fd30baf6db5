package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.polynomial.FeatureReadout;
import dev.onepass.sketch.polynomial.KeyFeatures;
import dev.onepass.sketch.polynomial.LinearState;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The token side of the one-pass algorithm: s = U2' 1 and either U2' V, or sk(K) = Psi U2 and sk(V)
 * = Psi V. It answers fresh queries by {@code phi(q)' M / <phi(q), s>} with M = U2' V or sk(K)'
 * sk(V). With U2' V, answers are those of polynomial features: within about twice the tolerance
 * times max|v| where all logits lie within the bound. With Psi, noise of about {@code |U2 w| |V_i|
 * / (sqrt(m2) <w, s>)} is added to every coordinate.
 *
 * <p>Bytes behind the preamble, format 1 (t features; all numbers f4 unless named):
 *
 * <pre>
 *   20        24              72 + 4 d
 *   +---------+---------------+--------------+---------------------------------------------------+
 *   | form i4 | KeyFeatures   | range (2 dv) | moments, outputs: s (t) | U2'V (t x dv)            |
 *   |         |               |              | paper: seed i8 | m2 i4 | next row i8 | row ranges  |
 *   |         |               |              |   s (t) | sk(K) (m2 x t) | sk(V) (m2 x dv)         |
 *   +---------+---------------+--------------+---------------------------------------------------+
 * </pre>
 *
 * Form: 0 paper, 1 moments, 2 outputs.
 */
public final class OnepassSketch implements AttentionSketch {

  private static final Form[] FORMS = Form.values();

  private final Form form;
  private final KeyFeatures keys;
  private final ValueRange range;
  private final TokenSums sums;

  private OnepassSketch(Form form, KeyFeatures keys, ValueRange range, TokenSums sums) {
    this.form = form;
    this.keys = keys;
    this.range = range;
    this.sums = sums;
  }

  /** An empty sketch. */
  static OnepassSketch begin(Sizes sizes, long seed, long firstRow, TokenBlock known) {
    KeyFeatures keys = KeyFeatures.begin(sizes.degree(), known);
    int dv = known.valueDim();
    TokenSums sums =
        sizes.form() == Form.PAPER
            ? new PsiSums(seed, sizes.m2(), sizes.features(), dv, firstRow)
            : new TokenSums.Moments(new LinearState(sizes.features(), dv));
    return new OnepassSketch(sizes.form(), keys, new ValueRange(dv), sums);
  }

  /**
   * Most bytes of a sketch; {@link Long#MAX_VALUE} where that is no int.
   *
   * @param m2 buckets of Psi; read in paper form only
   */
  static long bytes(Form form, int keyDim, int valueDim, int degree, int m2) {
    long features = MonomialBasis.size(keyDim, degree);
    if (features > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long sums =
        form == Form.PAPER
            ? PsiSums.mostBytes(features, valueDim, m2)
            : LinearState.bytes(features, valueDim);
    long fixed = fixedBytes(keyDim, valueDim);
    return sums > Integer.MAX_VALUE - fixed ? Long.MAX_VALUE : fixed + sums;
  }

  private static long fixedBytes(int keyDim, int valueDim) {
    return Preamble.BYTES + 4 + KeyFeatures.bytes(keyDim) + ValueRange.bytes(valueDim);
  }

  @Override
  public SketchFamily family() {
    return OnepassFamily.INSTANCE;
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

  Form form() {
    return form;
  }

  KeyFeatures keys() {
    return keys;
  }

  TokenSums sums() {
    return sums;
  }

  /**
   * {@inheritDoc}
   *
   * <p>In paper form a token that is taken back stays in the noise, see {@link PsiSums}; in the
   * other forms nothing is left of it but rounding.
   */
  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    range.include(block);
    keys.fold(
        block, (features, values, count) -> sums.fold(features, values, count, keys.tokens()));
  }

  @Override
  public void addTo(SoftmaxSum softmax, QueryBlock queries) {
    new FeatureReadout(keys, sums.s())
        .addTo(softmax, queries, valueDim(), sums.numerator(queries.count()), range);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IncompatibleSketchException also if parts in paper form share rows of Psi
   */
  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof OnepassSketch onepass)) {
      throw new IncompatibleSketchException(
          "a one-pass sketch cannot take in a sketch of family " + other.family().name());
    }
    if (onepass.form != form || onepass.valueDim() != valueDim()) {
      throw new IncompatibleSketchException(
          "one-pass sketches of different forms or dimensions cannot be merged");
    }
    keys.requireSameTerms(onepass.keys);
    sums.merge(onepass.sums, keys.tokens() + onepass.keys.tokens());
    keys.merge(onepass.keys);
    range.include(onepass.range);
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
    return (int) (fixedBytes(keyDim(), valueDim()) + sums.bytes());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    new Preamble(OnepassFamily.INSTANCE.id(), keyDim(), valueDim(), tokenCount()).write(out);
    out.putInt(form.ordinal());
    keys.write(out);
    range.write(out);
    sums.write(out);
    return out.toByteArray();
  }

  static Form readForm(WireReader in) {
    return FORMS[in.getInt("form", 0, FORMS.length - 1)];
  }

  static OnepassSketch read(Preamble preamble, WireReader in) {
    int d = preamble.keyDim();
    int dv = preamble.valueDim();
    Form form = readForm(in);
    // At least one bucket of Psi follows; how many more is read, and required, later.
    KeyFeatures keys =
        KeyFeatures.read(
            preamble,
            in,
            degree ->
                bytes(form, d, dv, degree, 1)
                    - Preamble.BYTES
                    - 4
                    - KeyFeatures.bytes(d)
                    - (form == Form.PAPER ? RowRanges.MAX_BYTES - 4 : 0));
    ValueRange range = ValueRange.read(in, dv);
    if (range.isEmpty() && preamble.tokens() > 0) {
      throw new CorruptSketchException("there are tokens, but no range of values");
    }
    int t = keys.basis().size();
    TokenSums sums =
        form == Form.PAPER
            ? PsiSums.read(in, t, dv)
            : new TokenSums.Moments(LinearState.read(in, t, dv));
    return new OnepassSketch(form, keys, range, sums);
  }
}
