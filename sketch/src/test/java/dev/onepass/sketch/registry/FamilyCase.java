// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A family and the parameters that select one of its variants; property tests run over all of them.
 *
 * @param noisy whether answers have noise in addition to rounding, so that taking a token back
 *     leaves some, and rows of parts must not overlap
 * @param heads which anchor sets the head has
 */
public record FamilyCase(
    SketchFamily family, Map<String, String> parameters, boolean noisy, Heads heads) {

  /** Heads without an anchor set, with one, and with one that gives clusters half of the bytes. */
  public enum Heads {
    WITHOUT_SET,
    WITH_SET,
    WITH_SET_AND_CLUSTERS
  }

  /**
   * Rows at anchors are rounded to 16 bits with every change: to less than 2^-14 of their largest
   * number. Kriging may add the values with weights of either sign.
   */
  private static final double ANCHORS_ROUNDING = 2 * 0x1p-14;

  /**
   * The few anchors of the test sets answer queries in the unit ball this well, in up to 6
   * dimensions. The error is that of the kernel, whatever the weights: 0.0152 in the log-normalizer
   * without biases, 0.0157 with biases up to 80, and 0.019 between two kernels.
   */
  private static final double INTERPOLATION = 0.025;

  /**
   * Means of clusters are rounded to 16 bits with every union: to less than 2^-14 of the largest
   * number in the mean. That moves a value of three numbers by less than 2 x 2^-14 of its length.
   * The rounding of keys moves logits of size 1 as much.
   */
  private static final double CLUSTERS_ROUNDING = 4 * 0x1p-14;

  /**
   * Returns every registered family with default parameters, and the other forms of families that
   * have some.
   */
  public static List<FamilyCase> all() {
    List<FamilyCase> cases = new ArrayList<>();
    for (SketchFamily family : SketchFamilies.all()) {
      cases.add(new FamilyCase(family, Map.of(), false, Heads.WITHOUT_SET));
    }
    cases.add(onepass("moments", false));
    cases.add(onepass("paper", true));
    cases.add(onepass("directions", false));
    cases.add(new FamilyCase(AnchoredFamily.HYBRID, Map.of(), false, Heads.WITH_SET));
    cases.add(new FamilyCase(AnchoredFamily.HYBRID, Map.of(), false, Heads.WITH_SET_AND_CLUSTERS));
    cases.add(new FamilyCase(AnchoredFamily.ANCHORS, Map.of(), false, Heads.WITH_SET));
    cases.addAll(withHeavyKeys(cases));
    return cases;
  }

  /** Returns the cases without heavy keys. */
  public static List<FamilyCase> withoutHeavyKeys() {
    return all().stream().filter(family -> !family.hasHeavyKeys()).toList();
  }

  /** Returns the cases of families that fold tokens, with heavy keys next to their sketches. */
  private static List<FamilyCase> withHeavyKeys(List<FamilyCase> cases) {
    List<FamilyCase> heavy = new ArrayList<>();
    for (FamilyCase each : cases) {
      if (each.family != ExactFamily.INSTANCE) {
        Map<String, String> parameters = new HashMap<>(each.parameters);
        parameters.put(HeavyFamily.SHARE, "0.05");
        heavy.add(
            new FamilyCase(
                SketchFamilies.withHeavyKeys(each.family), parameters, each.noisy, each.heads));
      }
    }
    return heavy;
  }

  private static FamilyCase onepass(String form, boolean noisy) {
    return new FamilyCase(
        OnepassFamily.INSTANCE, Map.of(OnepassFamily.FORM, form), noisy, Heads.WITHOUT_SET);
  }

  /** Returns the parameters of a part whose first token has a given row. */
  public Map<String, String> parametersFrom(long row) {
    Map<String, String> moved = new HashMap<>(parameters);
    moved.put(OnepassFamily.FIRST_ROW, Long.toString(row));
    return moved;
  }

  /** Returns the anchor sets of a head of a given dimension. */
  public AnchorSets anchors(int keyDim) {
    if (heads == Heads.WITHOUT_SET) {
      return AnchorSets.NONE;
    }
    AnchorSet set = TestSets.inABall(keyDim);
    return AnchorSets.of(heads == Heads.WITH_SET ? set : TestSets.withClusterShare(set, 0.5));
  }

  /** Returns whether a sketch takes back what it has folded. */
  public boolean canRetract(SketchConfig config) {
    return family.canRetract(config, anchors(config.keyDim()).current());
  }

  /**
   * Returns the largest change of an answer by one fold or merge, in units of the largest value.
   */
  public double rounding() {
    return heads == Heads.WITHOUT_SET ? 0 : ANCHORS_ROUNDING;
  }

  /**
   * Returns the largest error by interpolation between anchors, of an output in units of the
   * largest value and of a log-normalizer.
   */
  public double interpolation() {
    return heads == Heads.WITHOUT_SET ? 0 : INTERPOLATION;
  }

  /**
   * Returns the largest difference, in units of the largest value, between answers of two sketches
   * that hold the same weights in other numbers of tokens. That number decides when a sketch with
   * anchors chooses its kernel, so the two interpolate in different ways.
   */
  public double precision() {
    boolean clusters =
        heads == Heads.WITH_SET_AND_CLUSTERS
            || family == ClusterFamily.INSTANCE
            || (family.usesAnchors() && heads == Heads.WITHOUT_SET);
    return 2 * rounding() + (clusters ? CLUSTERS_ROUNDING : 0) + interpolation();
  }

  /** Returns whether the family keeps heavy keys next to its sketches. */
  public boolean hasHeavyKeys() {
    return family instanceof HeavyFamily;
  }

  /**
   * Returns the largest change of an answer, in units of the largest value, by tokens that are
   * heavy keys in one sketch and folded in another; infinite if the family bounds no error.
   */
  public double regrouping() {
    if (!hasHeavyKeys()) {
      return 0;
    }
    if (heads != Heads.WITHOUT_SET || family.name().equals("ridge") || noisy) {
      return Double.POSITIVE_INFINITY;
    }
    // Weights within 1 % of exp.
    return family.name().equals("cluster") || family.name().equals("anchors") ? 1e-3 : 0.0202;
  }

  @Override
  public String toString() {
    return (hasHeavyKeys() ? "heavy " : "") + family.name() + parameters + heads;
  }
}
