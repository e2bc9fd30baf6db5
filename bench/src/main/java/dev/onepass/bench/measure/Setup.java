package dev.onepass.bench.measure;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.polynomial.TaylorPolynomial;
import dev.onepass.sketch.registry.SketchFamilies;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A family with its settings. Every method that changes one gives a new setup.
 *
 * @param label for tables
 * @param family what is measured
 * @param bytes bound on the state
 * @param seed of what the family draws
 * @param parameters settings by option name
 */
public record Setup(
    String label, SketchFamily family, int bytes, long seed, Map<String, String> parameters) {

  /** More than any measurement here takes: sizes then follow from the parameters alone. */
  public static final int AMPLE = 1 << 30;

  private static final double TOLERANCE = 0.01;
  private static final double DELTA = 0.01;

  /** Of a family by its name, with its defaults. */
  public static Setup of(String family, int bytes, long seed) {
    SketchFamily found = SketchFamilies.byName(family).orElseThrow();
    return new Setup(family, found, bytes, seed, Map.of());
  }

  /** The one-pass algorithm in one of its forms. */
  public static Setup onepass(String form, int bytes, long seed) {
    return of("onepass", bytes, seed).labelled("onepass " + form).with("onepass.form", form);
  }

  /** With another label. */
  public Setup labelled(String newLabel) {
    return new Setup(newLabel, family, bytes, seed, parameters);
  }

  /** With another bound on the state. */
  public Setup within(int newBytes) {
    return new Setup(label, family, newBytes, seed, parameters);
  }

  /** With other hashes. */
  public Setup seeded(long newSeed) {
    return new Setup(label, family, bytes, newSeed, parameters);
  }

  /** With a parameter set. */
  public Setup with(String name, Object value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(name, value.toString());
    return new Setup(label, family, bytes, seed, more);
  }

  /** With the logit bound that asks for this even degree. */
  public Setup degree(int degree) {
    return with("onepass.tolerance", TOLERANCE)
        .with("onepass.logit-bound", 0.999 * TaylorPolynomial.boundFor(degree, TOLERANCE));
  }

  /** Without recovery. */
  public Setup answersOnly() {
    return with("onepass.recover-k", 0);
  }

  /** What a sketch of a head is made for. */
  public SketchConfig config(Head head) {
    return new SketchConfig(head.keyDim(), head.valueDim(), bytes, seed, parameters);
  }

  /** A sketch with the first tokens of a head folded. */
  public AttentionSketch fold(Head head, int tokens) {
    return Attention.fold(family, config(head), head, tokens);
  }

  /** An empty query side. */
  public QuerySketch queries(Head head) {
    return family
        .querySide(config(head))
        .orElseThrow(() -> new IllegalStateException(label + " recovers nothing"))
        .begin();
  }

  /**
   * A size that the family says it came to.
   *
   * @param words a regular expression with one group, the number, for its line in the log
   */
  public int size(Head head, String words) {
    String line = family.describe(config(head));
    Matcher matcher = Pattern.compile(words).matcher(line);
    if (!matcher.find()) {
      throw new IllegalStateException("'" + words + "' is not in '" + line + "'");
    }
    return Integer.parseInt(matcher.group(1));
  }

  /** Degree of its polynomial. */
  public int degree(Head head) {
    return size(head, "degree (\\d+)");
  }

  /** Buckets of Psi, in paper form. */
  public int m2(Head head) {
    return size(head, "Psi of (\\d+) buckets");
  }

  /**
   * In paper form, with the error eps2 that asks for this many buckets of Psi, at least 64. Its
   * derivation: {@code m2 = 2 e^{4B} / (eps2^2 delta)}.
   */
  public Setup m2(Head head, int wanted) {
    double bound = TaylorPolynomial.boundFor(degree(head), TOLERANCE);
    double eps2 = Math.exp(2 * bound) * Math.sqrt(2 / ((wanted - 0.5) * DELTA));
    return with("onepass.delta", DELTA)
        .with("onepass.eps2", eps2)
        .labelled(label + " m2 = " + wanted);
  }
}
