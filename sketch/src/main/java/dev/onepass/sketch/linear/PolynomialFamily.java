package dev.onepass.sketch.linear;

import dev.onepass.sketch.AttentionSketch;
import dev.onepass.sketch.SketchConfig;
import dev.onepass.sketch.SketchFamily;
import dev.onepass.sketch.TokenBlock;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Polynomial features of even degree. The degree follows from the bound B on |logit| and the
 * tolerance eps: the smallest even one with {@code |P(x) - e^x| <= eps e^x} on [-B, B]. Where the
 * bytes do not hold it, the highest even degree that fits is taken, and {@link #describe} says what
 * is left.
 */
public final class PolynomialFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The family. */
  public static final PolynomialFamily INSTANCE = new PolynomialFamily();

  /** Parameter: bound on |logit|, relative to the mean key, that the polynomial is made for. */
  public static final String LOGIT_BOUND = "onepass.logit-bound";

  /** Parameter: relative error of exp within the bound. */
  public static final String TOLERANCE = "onepass.tolerance";

  private static final double DEFAULT_BOUND = 1;
  private static final double DEFAULT_TOLERANCE = 0.01;

  private final transient Map<Long, MonomialBasis> bases = new ConcurrentHashMap<>();

  private PolynomialFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  /** What a configuration comes to. */
  record Plan(int wantedDegree, int degree, double bound, double tolerance) {}

  static Plan plan(SketchConfig config) {
    double bound = config.number(LOGIT_BOUND, DEFAULT_BOUND);
    double tolerance = config.number(TOLERANCE, DEFAULT_TOLERANCE);
    if (!(bound > 0 && bound <= 30)) {
      throw new IllegalArgumentException(LOGIT_BOUND + " must lie in (0, 30], not " + bound);
    }
    if (!(tolerance > 0 && tolerance < 1)) {
      throw new IllegalArgumentException(TOLERANCE + " must lie in (0, 1), not " + tolerance);
    }
    int wanted = TaylorPolynomial.degreeFor(bound, tolerance);
    int degree = wanted;
    while (degree > 2
        && PolynomialSketch.bytes(config.keyDim(), config.valueDim(), degree) > config.maxBytes()) {
      degree -= 2;
    }
    long needed = PolynomialSketch.bytes(config.keyDim(), config.valueDim(), degree);
    if (needed > config.maxBytes()) {
      throw new IllegalArgumentException(
          "polynomial features of degree 2 take %d bytes for dimensions %d, %d, more than the %d that sketch.state-size leaves for the sketch; set a larger sketch.state-size (about %d KiB) or another sketch.type"
              .formatted(
                  needed,
                  config.keyDim(),
                  config.valueDim(),
                  config.maxBytes(),
                  (needed * 4 / 3 + 2047) / 1024));
    }
    return new Plan(wanted, degree, TaylorPolynomial.boundFor(degree, tolerance), tolerance);
  }

  MonomialBasis basis(int dim, int degree) {
    return bases.computeIfAbsent(
        ((long) dim << 32) | degree, ignored -> new MonomialBasis(dim, degree));
  }

  @Override
  public int id() {
    return 2;
  }

  @Override
  public String name() {
    return "polynomial";
  }

  @Override
  public boolean canRetract() {
    return true;
  }

  @Override
  public void check(SketchConfig config) {
    plan(config);
  }

  @Override
  public String describe(SketchConfig config) {
    Plan plan = plan(config);
    return "polynomial: degree %d%s, %d features, %d bytes; within %.3g %% of exp for |logit| up to %.2f around the mean key"
        .formatted(
            plan.degree(),
            plan.degree() < plan.wantedDegree()
                ? " (%d was wanted, the state size does not hold it)".formatted(plan.wantedDegree())
                : "",
            MonomialBasis.size(config.keyDim(), plan.degree()),
            PolynomialSketch.bytes(config.keyDim(), config.valueDim(), plan.degree()),
            100 * plan.tolerance(),
            plan.bound());
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known) {
    Plan plan = plan(config);
    float[] centre = meanKey(known);
    return new PolynomialSketch(
        basis(config.keyDim(), plan.degree()),
        config.valueDim(),
        plan.bound(),
        centre,
        unit(known, centre));
  }

  /**
   * Mean key of the tokens that are not taken back; softmax ignores a shift of all keys, exp does
   * not.
   */
  private static float[] meanKey(TokenBlock known) {
    int d = known.keyDim();
    double[] sum = new double[d];
    for (int j = 0; j < known.count(); j++) {
      for (int i = 0; i < d; i++) {
        sum[i] += (double) known.weights()[j] * known.keys()[j * d + i];
      }
    }
    long net = Math.max(1, known.netCount());
    float[] mean = new float[d];
    for (int i = 0; i < d; i++) {
      mean[i] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sum[i] / net));
    }
    return mean;
  }

  /** The power of two below the root mean square of |k - c|; 1 where nothing is known of it. */
  private static float unit(TokenBlock known, float[] centre) {
    int d = known.keyDim();
    double squares = 0;
    for (int j = 0; j < known.count(); j++) {
      for (int i = 0; i < d; i++) {
        double x = (double) known.keys()[j * d + i] - centre[i];
        squares += known.weights()[j] * x * x;
      }
    }
    if (!(squares > 0)) {
      return 1;
    }
    int exponent = Math.getExponent(Math.sqrt(squares / Math.max(1, known.netCount())));
    return Math.scalb(1f, Math.max(Float.MIN_EXPONENT, Math.min(Float.MAX_EXPONENT, exponent)));
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in) {
    return PolynomialSketch.read(preamble, in);
  }
}
