// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes anchor sets from past queries and keys of a head, without values. Takes seconds to tens of
 * seconds, so it must not run on a task thread. Equal input gives equal sets.
 *
 * <p>{@link OutlierFilter} first removes outliers. {@link KeyCentres} and {@link SpaceFit} fit the
 * space of the queries. {@link KernelChoice} selects the kernels that interpolate {@link
 * SurrogateTokens} best on held-back queries. {@link ClusterTrial} decides about clusters, and
 * {@link Placement} orders the anchors.
 *
 * <p>Throws an {@link dev.onepass.sketch.background.InterruptedWorkException} soon after its thread
 * is interrupted.
 */
@PublicEvolving
public final class AnchorSetMaker {

  /** Default number of anchors of a set. */
  public static final int DEFAULT_COUNT = 4096;

  /** Minimum number of different queries, and of keys, that a set is made from. */
  public static final int LEAST_ROWS = 16;

  /** Maximum length of a key. Time and memory grow too fast beyond it. */
  public static final int MOST_KEY_DIM = 1_024;

  /** One key, and one query, in this many is held back for the trial of a set. */
  private static final int HELD_BACK = 3;

  /**
   * Minimum number of held-back keys for a trial if the keys hardly repeat: with fewer keys,
   * clusters would hold nearly every key.
   */
  private static final int FEWEST_UNSEEN = 512;

  private static final int CENTRES = 192;
  private static final int KEYS = 16_384;
  private static final int SURROGATE_KEYS = 8_192;
  private static final int TRIED = 400;
  private static final int CANDIDATES = 4_096;
  private static final int SAMPLE = 2_048;

  /**
   * Maximum number of anchors that are selected by {@link Placement}. Further anchors are drawn,
   * because selecting them hardly helps.
   */
  private static final int SELECTED = 1_024;

  /**
   * Kernel for the selection of anchors. The choice matters little; this kernel did well on flat
   * and sharp heads.
   */
  private static final Kernel SELECTION_KERNEL = new Kernel(4, 0, 1e-3);

  /**
   * Coordinates per coordinate of a query, at most 2. With 1, the errors of some heads are 6 %
   * higher; more than this hardly lowers them.
   */
  private static final double COORDINATES = 1.5;

  /** Minimum number of coordinates, if there are that many. They cost almost nothing. */
  private static final int FEW_COORDINATES = 16;

  /** Variance of the attended mean key, relative to the variance of the query. */
  private static final double ATTENDED_WEIGHT = 0.4;

  private final int keyDim;
  private final Random random;
  private final float[] queries;
  private final float[] keys;

  private AnchorSetMaker(int keyDim, SampledVectors queries, SampledVectors keys, long seed) {
    this.keyDim = keyDim;
    this.random = new Random(seed);
    this.queries = different(OutlierFilter.without(queries, keyDim).rows());
    this.keys = OutlierFilter.without(drawn(keys), keyDim).rows();
    int n = this.queries.length / keyDim;
    int m = this.keys.length / keyDim;
    if (n < LEAST_ROWS || m < LEAST_ROWS) {
      throw new IllegalArgumentException(
          "An anchor set needs at least %3$d different queries and %3$d keys, got %1$d and %2$d."
              .formatted(n, m, LEAST_ROWS));
    }
  }

  /**
   * Makes a set.
   *
   * @param version version of the set, at least 1
   * @param keyDim length d of queries and keys, at most {@value #MOST_KEY_DIM}
   * @param queries past query vectors, n x d, with the scale of the logits multiplied in, oldest
   *     first
   * @param keys past keys, m x d, oldest first
   * @param count number of anchors, 1 to {@link AnchorSet#MAX_ANCHORS}; the set has fewer if there
   *     are fewer different queries
   * @param seed seed of all random choices
   * @return the set
   * @throws IllegalArgumentException if no set can be made from these queries and keys
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  public static AnchorSet make(
      int version, int keyDim, float[] queries, float[] keys, int count, long seed) {
    return maker(
            keyDim,
            SampledVectors.of(queries, keyDim),
            SampledVectors.of(keys, keyDim),
            count,
            seed)
        .make(version, count);
  }

  /**
   * A set, with its errors on queries and keys that it was not made from.
   *
   * @param set the set
   * @param error error of answers by the set, with clusters if the set wants them
   * @param clusterError error of answers by clusters alone in the same bytes; infinity if these
   *     bytes hold no clusters, or if there are too few held-back keys to tell
   */
  public record Made(AnchorSet set, double error, double clusterError) {

    /**
     * Returns whether the set is worth its bytes, that is, whether clusters alone would be worse.
     */
    public boolean beatsClusters() {
      return error < clusterError;
    }
  }

  /**
   * Makes a set and compares it with clusters in the same bytes.
   *
   * @param version version of the set, at least 1
   * @param keyDim length d of queries and keys, at most {@value #MOST_KEY_DIM}
   * @param queries past query vectors, with the scale of the logits multiplied in, oldest first
   * @param keys past keys, oldest first
   * @param count number of anchors, 1 to {@link AnchorSet#MAX_ANCHORS}; the set has fewer if there
   *     are fewer different queries
   * @param seed seed of all random choices
   * @return the set and its errors
   * @throws IllegalArgumentException if no set can be made from these queries and keys
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  @Internal
  public static Made tried(
      int version, int keyDim, SampledVectors queries, SampledVectors keys, int count, long seed) {
    return maker(keyDim, queries, keys, count, seed).tried(version, count);
  }

  private static AnchorSetMaker maker(
      int keyDim, SampledVectors queries, SampledVectors keys, int count, long seed) {
    if (count < 1 || count > AnchorSet.MAX_ANCHORS) {
      throw new IllegalArgumentException(
          "An anchor set has 1 to %d anchors, got %d.".formatted(AnchorSet.MAX_ANCHORS, count));
    }
    if (keyDim > MOST_KEY_DIM) {
      throw new IllegalArgumentException(
          "Anchor sets support keys of length at most %d, got %d.".formatted(MOST_KEY_DIM, keyDim));
    }
    return new AnchorSetMaker(keyDim, queries, keys, seed);
  }

  private AnchorSet make(int version, int count) {
    Fit fit = new Fit(queries, keys);
    int n = queries.length / keyDim;
    SetSizes sizes =
        new SetSizes(
            keyDim,
            fit.space.dim(),
            fit.space.centreCount(),
            Math.min(count, n),
            KernelChoice.OFFERED);
    if (!sizes.areBounded()) {
      throw new IllegalArgumentException("Cannot make an anchor set: " + sizes + ".");
    }
    double share = fit.clusterShare();
    float[] anchors = selectAnchors(fit.space, SELECTION_KERNEL, Math.min(count, n));
    return new AnchorSet(version, keyDim, share, fit.kernels, fit.space, anchors);
  }

  /**
   * Makes a set, and fits a second one without the held-back queries and keys to measure errors.
   */
  private Made tried(int version, int count) {
    AnchorSet set = make(version, count);
    int n = queries.length / keyDim;
    int m = keys.length / keyDim;
    int judges = Math.min(TRIED, n / HELD_BACK);
    int unseen = m / HELD_BACK;
    int[] queryOrder = Draws.distinct(n, n, random);
    int[] keyOrder = Draws.distinct(m, m, random);
    float[] heldBack = rows(keys, keyOrder, 0, unseen);
    if (unseen < FEWEST_UNSEEN && different(heldBack).length > heldBack.length / 2) {
      return new Made(set, 0, Double.POSITIVE_INFINITY);
    }
    Fit fit = new Fit(rows(queries, queryOrder, judges, n), rows(keys, keyOrder, unseen, m));
    ClusterTrial trial =
        fit.trial(
            SurrogateTokens.of(drawn(heldBack, SURROGATE_KEYS), keyDim, random),
            rows(queries, queryOrder, 0, judges));
    return new Made(
        set, set.clusterShare() > 0 ? trial.together() : trial.alone(), trial.clusters());
  }

  /** What is fitted to queries and keys. */
  private final class Fit {
    private final QuerySpace space;
    private final SurrogateTokens surrogates;
    private final List<Kernel> kernels;
    private final float[] known;
    private final float[] asked;

    Fit(float[] queries, float[] keys) {
      KeyCentres centres =
          KeyCentres.of(keys, keyDim, Math.min(CENTRES, keys.length / keyDim / 8 + 1), random);
      space =
          new SpaceFit(keyDim, drawn(queries, CANDIDATES), centres)
              .fit(ATTENDED_WEIGHT, coordinates(keyDim));
      surrogates = SurrogateTokens.of(drawn(keys, SURROGATE_KEYS), keyDim, random);
      int n = queries.length / keyDim;
      int[] order = Draws.distinct(n, Math.min(n, 2 * TRIED), random);
      known = rows(queries, order, 0, (order.length + 1) / 2);
      asked = rows(queries, order, (order.length + 1) / 2, order.length);
      kernels = new KernelChoice(surrogates, space, known, asked).kernels();
    }

    /**
     * Returns the share of clusters by two trials: each half of the queries serves as anchors once.
     */
    double clusterShare() {
      return ClusterTrial.share(
          trial(surrogates, asked),
          new ClusterTrial(surrogates, space, kernels, /* known= */ asked, /* asked= */ known));
    }

    ClusterTrial trial(SurrogateTokens over, float[] judges) {
      return new ClusterTrial(over, space, kernels, known, judges);
    }
  }

  private float[] rows(float[] matrix, int[] order, int from, int to) {
    return Draws.rows(matrix, keyDim, Arrays.copyOfRange(order, from, to));
  }

  private float[] drawn(float[] matrix, int most) {
    int n = matrix.length / keyDim;
    return n <= most ? matrix : Draws.rows(matrix, keyDim, Draws.distinct(n, most, random));
  }

  private static int coordinates(int keyDim) {
    return Math.min(2 * keyDim, Math.max(FEW_COORDINATES, (int) (COORDINATES * keyDim)));
  }

  private float[] selectAnchors(QuerySpace space, Kernel kernel, int count) {
    int n = queries.length / keyDim;
    int[] rows = Draws.distinct(n, n, random);
    int[] candidates = Arrays.copyOf(rows, Math.min(n, CANDIDATES));
    int[] sample = Arrays.copyOfRange(rows, n - Math.min(n, SAMPLE), n);
    int[] order =
        new Placement(embedded(space, candidates), embedded(space, sample), kernel)
            .order(Math.min(Math.min(count, SELECTED), candidates.length));
    int[] chosen = new int[count];
    boolean[] taken = new boolean[n];
    for (int r = 0; r < order.length; r++) {
      chosen[r] = candidates[order[r]];
      taken[order[r]] = true;
    }
    for (int i = 0, r = order.length; r < count; i++) {
      if (!taken[i]) {
        chosen[r++] = rows[i];
      }
    }
    return Draws.rows(queries, keyDim, chosen);
  }

  private EmbeddedQueries embedded(QuerySpace space, int[] rows) {
    return EmbeddedQueries.of(space, Draws.rows(queries, keyDim, rows), rows.length, 1);
  }

  private SampledVectors drawn(SampledVectors sample) {
    int n = sample.count(keyDim);
    return n <= KEYS ? sample : sample.only(Draws.distinct(n, KEYS, random), keyDim);
  }

  /** Returns each distinct query once, in the order of its first appearance. */
  private float[] different(float[] all) {
    int n = all.length / keyDim;
    Set<Row> seen = new HashSet<>();
    float[] different = new float[n * keyDim];
    int count = 0;
    for (int q = 0; q < n; q++) {
      if (seen.add(new Row(Arrays.copyOfRange(all, q * keyDim, (q + 1) * keyDim)))) {
        System.arraycopy(all, q * keyDim, different, count++ * keyDim, keyDim);
      }
    }
    return Arrays.copyOf(different, count * keyDim);
  }

  private record Row(float[] vector) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Row row && Arrays.equals(vector, row.vector);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(vector);
    }
  }
}
