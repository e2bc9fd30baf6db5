// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * A family with its settings. Methods that change a setting return a new setup.
 *
 * @param label for tables
 * @param family the measured family
 * @param bytes maximum state size
 * @param seed seed of the family's random choices
 * @param parameters settings by option name
 */
public record Setup(
    String label, SketchFamily family, int bytes, long seed, Map<String, String> parameters) {

  /** More than any measurement needs, so that sizes depend only on the parameters. */
  public static final int AMPLE = 1 << 30;

  private static final double TOLERANCE = 0.01;
  private static final double DELTA = 0.01;

  /** Returns a family with its default settings. */
  public static Setup of(String family, int bytes, long seed) {
    SketchFamily found = SketchFamilies.byName(family).orElseThrow();
    return new Setup(family, found, bytes, seed, Map.of());
  }

  /** Returns the one-pass algorithm in one of its forms. */
  public static Setup onepass(String form, int bytes, long seed) {
    return of("onepass", bytes, seed).labelled("onepass " + form).with("onepass.form", form);
  }

  /** Returns the setup with another label. */
  public Setup labelled(String newLabel) {
    return new Setup(newLabel, family, bytes, seed, parameters);
  }

  /** Returns the setup with another maximum state size. */
  public Setup within(int newBytes) {
    return new Setup(label, family, newBytes, seed, parameters);
  }

  /** Returns the setup with another seed. */
  public Setup seeded(long newSeed) {
    return new Setup(label, family, bytes, newSeed, parameters);
  }

  /** Returns the setup with a parameter. */
  public Setup with(String name, Object value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(name, value.toString());
    return new Setup(label, family, bytes, seed, more);
  }

  /** Returns the setup with the logit bound that leads to an even degree. */
  public Setup degree(int degree) {
    return with("onepass.tolerance", TOLERANCE)
        .with("onepass.logit-bound", 0.999 * TaylorPolynomial.boundFor(degree, TOLERANCE));
  }

  /** Returns the setup without recovery. */
  public Setup answersOnly() {
    return with("onepass.recover-k", 0);
  }

  /** Returns the configuration for a head. */
  public SketchConfig config(Head head) {
    return new SketchConfig(head.keyDim(), head.valueDim(), bytes, seed, parameters);
  }

  /** Folds the first tokens of a head into a new sketch. */
  public AttentionSketch fold(Head head, int tokens) {
    return Attention.fold(family, config(head), head, tokens);
  }

  /** Returns an empty query sketch. */
  public QuerySketch queries(Head head) {
    return family
        .querySide(config(head))
        .orElseThrow(() -> new IllegalStateException(label + " has no recovery"))
        .begin();
  }

  /**
   * Returns a size from the family's log line.
   *
   * @param words regular expression for the log line, with one group for the number
   */
  public int size(Head head, String words) {
    String line = family.describe(config(head));
    Matcher matcher = Pattern.compile(words).matcher(line);
    if (!matcher.find()) {
      throw new IllegalStateException("'" + words + "' is not in '" + line + "'");
    }
    return Integer.parseInt(matcher.group(1));
  }

  /** Returns the degree of the polynomial. */
  public int degree(Head head) {
    return size(head, "degree (\\d+)");
  }

  /** Returns the number of buckets of Psi in paper form. */
  public int m2(Head head) {
    return size(head, "Psi of (\\d+) buckets");
  }

  /**
   * Returns the setup in paper form with the error eps2 that leads to a number of buckets of Psi,
   * at least 64. Derivation: {@code m2 = 2 e^{4B} / (eps2^2 delta)}.
   */
  public Setup m2(Head head, int wanted) {
    double bound = TaylorPolynomial.boundFor(degree(head), TOLERANCE);
    double eps2 = Math.exp(2 * bound) * Math.sqrt(2 / ((wanted - 0.5) * DELTA));
    return with("onepass.delta", DELTA)
        .with("onepass.eps2", eps2)
        .labelled(label + " m2 = " + wanted);
  }
}
