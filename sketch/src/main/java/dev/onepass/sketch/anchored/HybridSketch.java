// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.cluster.ClusterAnswers;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.cluster.ClusterSketch;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.wire.Preamble;
import java.util.Optional;

/**
 * Exact attention at anchors, interpolated over query space and added to a base:
 *
 * <pre>
 *   A(q) = base(q) + g(q)' G^-1 (Y - base(anchors))
 * </pre>
 *
 * <p>The base is the answer of the sequence's own clusters, if it has clusters and they turn out to
 * do better. Otherwise it is the mean output of the anchors and, for the log-normalizer, the
 * log-normalizer over the key centres of the anchor set. g and G are the covariances of {@link
 * dev.onepass.sketch.anchors}: kriging, also called Gaussian-process interpolation. Everything that
 * is kept at anchors is a sum. So the rows of any two parts of a sequence can be added, and tokens
 * can be taken back if there are no clusters.
 *
 * <p>Rows at anchors have 16 bits a number. Each fold, retraction or merge moves a number by less
 * than 2^-14 of the largest number in its row, and is right on average ({@code AnchorRows}). To
 * that precision, folding a ++ b equals merging fold(a) with fold(b), and taking tokens back
 * restores an answer relative to the mass that was there.
 *
 * <p>The stated error follows from the deviation that the nearest anchors leave at the query,
 * scaled by the residuals of the sequence ({@link Interpolation}). Without anchors the clusters
 * state it.
 *
 * <p>A sketch is worn if a retraction took nearly all of the mass at an anchor. The error of a worn
 * sketch is 1 everywhere. With decay it heals, because what the anchor lacks fades as fast as the
 * tokens that it lacks.
 *
 * <p>Rows and clusters are relative to one exponent ({@link WeightExponent}).
 */
public final class HybridSketch implements AttentionSketch {

  /** Tokens after which the first choice is outdated; later choices last four times as long. */
  private static final int FIRST_TURN = 6;

  /** Half-lives after which a choice is outdated. */
  private static final int HALVINGS_OF_A_TURN = 2;

  /**
   * Half-lives for which a sketch remains worn. A row lacks at most 2^-12 of the mass that it had,
   * so after these it lacks 2^-24 of an equal mass: the rounding of a float.
   */
  static final int WORN_FOR = 12;

  private final SketchFamily family;
  private HybridParts parts;
  private long tokens;
  private WeightExponent exponent;

  /** Half-lives for which the sketch remains worn; 0 if it is not. */
  private int worn;

  private Choice choice;
  private boolean outdated;
  private ReadOut readOut;

  /** What answers queries until more tokens arrive. */
  private record ReadOut(boolean onClusters, Interpolation interpolation, double[] expected) {}

  HybridSketch(
      SketchFamily family,
      HybridParts parts,
      long tokens,
      WeightExponent exponent,
      int worn,
      Choice choice) {
    this.family = family;
    this.parts = parts;
    this.tokens = tokens;
    this.exponent = exponent;
    this.worn = worn;
    this.choice = choice;
  }

  /**
   * Begins an empty sketch.
   *
   * @param set the current anchor set of the head; empty if it has none
   */
  static HybridSketch begin(
      SketchFamily family, SketchConfig config, Division division, Optional<AnchorSet> set) {
    AnchorSet used = division.anchors() > 0 ? set.orElseThrow() : null;
    ClusterSketch clusters = null;
    if (division.clusterBytes() > 0) {
      SketchConfig part = Division.clusters(config, division.clusterBytes());
      TokenBlock nothing = new TokenBlock(config.keyDim(), config.valueDim(), 0);
      clusters = (ClusterSketch) ClusterFamily.INSTANCE.begin(part, nothing, AnchorSets.NONE);
    }
    HybridParts parts =
        new HybridParts(
            config.keyDim(),
            config.valueDim(),
            used,
            new AnchorRows(config.valueDim(), division.anchors()),
            clusters,
            new ValueRange(config.valueDim()));
    return new HybridSketch(family, parts, 0, WeightExponent.NONE, 0, Choice.FIRST);
  }

  @Override
  public SketchFamily family() {
    return family;
  }

  @Override
  public int keyDim() {
    return parts.keyDim();
  }

  @Override
  public int valueDim() {
    return parts.valueDim();
  }

  @Override
  public int anchorsVersion() {
    return parts.anchorsVersion();
  }

  /** Returns what the sketch keeps. */
  HybridParts parts() {
    return parts;
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    if (block.retracts() && parts.hasClusters()) {
      throw new UnsupportedOperationException("A sketch with clusters cannot take tokens back.");
    }
    boolean isFirst = isEmpty();
    long age = epochs();
    long halvings = raise(exponent.with(block.normalized(), isEmpty()));
    TokenBlock weighed = block.withExponent(exponent.value());
    TokenBlock added = weighed.only(true);
    parts.range().include(added);
    if (parts.hasClusters() && added.count() > 0) {
      parts.clusters().update(added, exponent);
    }
    if (parts.hasAnchors()) {
      foldAtAnchors(added, weighed.retracts() ? weighed.only(false) : null, halvings);
    }
    long before = tokens;
    tokens += block.netCount();
    readOut = null;
    // The exponent of the first tokens is not an age: it may be that of any time.
    boolean aged = !isFirst && epochs() > age;
    outdated |= parts.hasAnchors() && (turns(tokens) > turns(before) || aged);
  }

  /** Returns whether the sketch has no sums. */
  private boolean isEmpty() {
    return parts.range().isEmpty();
  }

  /**
   * Replaces the exponent by a later one.
   *
   * @return how often the sums of this sketch must be halved, at least 0
   */
  private long raise(WeightExponent later) {
    long halvings = isEmpty() ? 0 : exponent.halvingsTo(later);
    exponent = later;
    worn = (int) Math.max(0, worn - halvings);
    return halvings;
  }

  private void foldAtAnchors(TokenBlock added, TokenBlock takenBack, long halvings) {
    long random = SplitMix64.mix(tokens);
    boolean lost = false;
    if (added.count() > 0) {
      parts.rows().fold(parts.set(), added, halvings, random);
    }
    if (takenBack != null) {
      long left = added.count() > 0 ? 0 : halvings;
      lost = parts.rows().fold(parts.set(), takenBack, left, ~random);
    }
    worn = lost ? WORN_FOR : worn;
  }

  /**
   * Returns how often the choice is outdated by the time the sketch has that many tokens: once each
   * time their number grows fourfold, so that choosing costs little in the long run. The turns
   * avoid powers of two: state sizes usually hold a power of two of tokens, and there a sketch has
   * just been begun.
   */
  private static int turns(long tokens) {
    int doublings = Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, tokens) / FIRST_TURN);
    return (doublings + 1) / 2;
  }

  /**
   * Returns how often decay has outdated the choice: once each time three quarters of the weight of
   * all tokens are new, as they are when the number of tokens without decay grows fourfold.
   */
  private long epochs() {
    return Math.floorDiv(exponent.value(), HALVINGS_OF_A_TURN);
  }

  /**
   * Returns the best kernel and base, or the present choice if it is not outdated. Called when
   * answers or bytes are needed, so only once for all blocks that a sketch is begun with.
   */
  private Choice best() {
    if (!outdated) {
      return choice;
    }
    KernelTrial trial = parts.set().kernelTrial(parts.rows().count());
    KernelTrial.Best onMean = best(trial, false);
    if (parts.hasClusters()) {
      KernelTrial.Best onClusters = best(trial, true);
      if (onClusters.error() < onMean.error()) {
        return new Choice(onClusters.kernel(), true);
      }
    }
    return new Choice(onMean.kernel(), false);
  }

  private KernelTrial.Best best(KernelTrial trial, boolean onClusters) {
    return trial.best(Residuals.of(parts, onClusters).values(), valueDim() + 1, valueDim());
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    if (tokens <= 0 || queries.count() == 0) {
      return;
    }
    if (!parts.hasAnchors()) {
      parts.clusters().addTo(sums, queries);
      return;
    }
    if (readOut == null) {
      readOut = readOut();
    }
    Interpolation.Estimates estimates = readOut.interpolation.at(queries);
    double[] expected = readOut.expected;
    ClusterAnswers base = readOut.onClusters ? parts.clusters().answer(queries) : null;
    int valueDim = valueDim();
    double[] output = new double[valueDim];
    double logFactor = queries.logFactor(exponent.value());
    for (int q = 0, i = 0; q < queries.count(); q++) {
      for (int c = 0; c < valueDim; c++, i++) {
        double from = base == null ? expected[c] : base.outputs()[i];
        output[c] = parts.range().clamp(c, from + estimates.column(q, c));
      }
      double guess =
          base == null ? estimates.guess(q) + expected[valueDim] : base.logNormalizers()[q];
      double logDen = Residuals.finite(guess + estimates.column(q, valueDim)) + logFactor;
      if (worn > 0) {
        sums.add(q, logDen, 1, Double.MAX_VALUE, output);
      } else {
        sums.addEstimate(q, logDen, output, estimates.outputError(q), estimates.logDenError(q));
      }
    }
  }

  @Override
  public Optional<Preparation> preparation() {
    if (tokens <= 0 || !parts.hasAnchors()) {
      return Optional.empty();
    }
    if (readOut != null) {
      return readOut.interpolation.preparation();
    }
    int count = parts.rows().count();
    if (outdated && !parts.set().isPrepared(count)) {
      return Optional.of(parts.set().foldPreparation(count));
    }
    return parts.set().preparation(best().kernel(), count);
  }

  private ReadOut readOut() {
    Choice best = best();
    Residuals residuals = Residuals.of(parts, best.onClusters());
    Interpolation interpolation =
        new Interpolation(
            parts.set(), best.kernel(), parts.rows().count(), residuals.values(), valueDim() + 1);
    return new ReadOut(best.onClusters(), interpolation, residuals.expected());
  }

  /**
   * {@inheritDoc}
   *
   * <p>Clusters and anchors give up the same part of their bytes. The last anchors go; what rows at
   * the others say stays exact.
   */
  @Override
  public boolean shrink(int bytes) {
    int left = bytes - Division.overhead(valueDim());
    if (!parts.hasAnchors()) {
      return parts.clusters().shrink(left);
    }
    int rowBytes = AnchorSet.rowBytes(valueDim());
    int count = parts.rows().count();
    // As in Division, rows leave room for the longer preamble of weighted tokens.
    int others = Preamble.MOST_BYTES - Preamble.BYTES;
    if (parts.hasClusters()) {
      int now = parts.clusters().maxBytes();
      others = (int) Math.min(now, (long) now * left / (now + (long) count * rowBytes));
    }
    int anchors = Math.min(count, (left - others) / rowBytes);
    if (anchors < Math.min(count, Division.LEAST_ANCHORS)
        || (parts.hasClusters() && !parts.clusters().shrink(others))) {
      return false;
    }
    if (anchors < count) {
      parts = parts.withAnchors(anchors);
    }
    readOut = null;
    return true;
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof HybridSketch hybrid) || hybrid.family != family) {
      throw new IncompatibleSketchException(
          "A sketch of family %s cannot merge a sketch of family %s."
              .formatted(family.name(), other.family().name()));
    }
    if (!parts.matches(hybrid.parts)) {
      throw new IncompatibleSketchException(
          "Sketches of family %s can be merged only if dimensions, sizes and anchor set are equal."
              .formatted(family.name()));
    }
    WeightExponent sum = exponent.with(hybrid.exponent, isEmpty(), hybrid.isEmpty());
    long theirs = hybrid.isEmpty() ? 0 : hybrid.exponent.halvingsTo(sum);
    int theirWorn = (int) Math.max(0, hybrid.worn - theirs);
    long random = SplitMix64.mix(tokens + hybrid.tokens);
    long halvings = raise(sum);
    if (parts.hasClusters()) {
      parts.clusters().merge(hybrid.parts.clusters());
    }
    parts.rows().merge(hybrid.parts.rows(), halvings, theirs, random);
    parts.range().include(hybrid.parts.range());
    tokens += hybrid.tokens;
    worn = Math.max(worn, theirWorn);
    readOut = null;
    outdated |= parts.hasAnchors() && tokens > 0;
  }

  @Override
  public long heapBytes() {
    long prepared = readOut == null ? 0 : readOut.interpolation.heapBytes();
    long beyondState =
        parts.hasClusters() ? parts.clusters().heapBytes() - parts.clusterBytes() : 0;
    return stateBytes() + beyondState + prepared;
  }

  @Override
  public long tokenCount() {
    return tokens;
  }

  @Override
  public ValueRange valueRange() {
    return parts.range().copy();
  }

  @Override
  public int stateBytes() {
    return parts.bytes(exponent.isWeighted());
  }

  @Override
  public void settle() {
    choice = best();
    outdated = false;
  }

  @Override
  public byte[] toByteArray() {
    settle();
    return HybridFormat.write(family, parts, tokens, exponent, worn, choice);
  }
}
