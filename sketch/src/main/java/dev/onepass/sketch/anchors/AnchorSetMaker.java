package dev.onepass.sketch.anchors;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes anchor sets from past queries and keys of a head, without values. Takes seconds to tens of
 * seconds; not for a task thread. Equal input makes equal sets.
 *
 * <p>Centres of the keys give the space of queries; the kernel is the one that interpolates {@link
 * Surrogates} best on held-back queries; {@link Placement} orders the anchors.
 */
public final class AnchorSetMaker {

  /** Anchors of a set where nobody asks for another number. */
  public static final int DEFAULT_COUNT = 4096;

  /** Fewest different queries, and fewest keys, that a set is made of. */
  public static final int LEAST_ROWS = 16;

  private static final int CENTRES = 192;
  private static final int KEYS = 16_384;
  private static final int SURROGATE_KEYS = 8_192;
  private static final int TRIED = 400;
  private static final int CANDIDATES = 4_096;
  private static final int SAMPLE = 2_048;

  /** Anchors beyond this many are drawn: to place them pays no more. */
  private static final int PLACED = 1_024;

  /** Which kernel places the anchors matters little; this one did well on flat and sharp heads. */
  private static final Kernel PLACING = new Kernel(4, 0, 1e-3);

  /**
   * Coordinates for each number of a query, of 2 that there are: with 1 errors of some heads are 6
   * % higher, with more than this hardly lower.
   */
  private static final double COORDINATES = 1.5;

  /** So many coordinates are kept in any case: they cost nothing to speak of. */
  private static final int FEW_COORDINATES = 16;

  /** How much the attended mean key counts beside the query. */
  private static final double ATTENDED_WEIGHT = 0.4;

  private final int keyDim;
  private final Random random;
  private final float[] queries;
  private final float[] keys;

  private AnchorSetMaker(int keyDim, float[] queries, float[] keys, long seed) {
    this.keyDim = keyDim;
    this.random = new Random(seed);
    this.queries = different(queries);
    this.keys = drawn(keys, KEYS);
    int n = this.queries.length / keyDim;
    int m = this.keys.length / keyDim;
    if (n < LEAST_ROWS || m < LEAST_ROWS) {
      throw new IllegalArgumentException(
          "%d different queries and %d keys are too few for an anchor set: it takes %d of each"
              .formatted(n, m, LEAST_ROWS));
    }
  }

  /**
   * Makes a set.
   *
   * @param version at least 1
   * @param keyDim length d of queries and keys
   * @param queries n x d, the scale of the logits multiplied in, in the order in which they came
   * @param keys m x d, likewise
   * @param count anchors wanted; fewer if there are fewer different queries
   * @param seed of what is drawn
   * @throws IllegalArgumentException with a sentence, if no set can be made of these
   */
  public static AnchorSet make(
      int version, int keyDim, float[] queries, float[] keys, int count, long seed) {
    if (count < 1 || count > AnchorSet.MAX_ANCHORS) {
      throw new IllegalArgumentException(
          "a set has 1 to %d anchors, not %d".formatted(AnchorSet.MAX_ANCHORS, count));
    }
    return new AnchorSetMaker(keyDim, queries, keys, seed).make(version, count);
  }

  private AnchorSet make(int version, int count) {
    KeyCentres centres =
        KeyCentres.of(keys, keyDim, Math.min(CENTRES, keys.length / keyDim / 8 + 1), random);
    QuerySpace space =
        new SpaceFit(keyDim, drawn(queries, CANDIDATES), centres)
            .fit(ATTENDED_WEIGHT, coordinates(keyDim));
    Surrogates surrogates = Surrogates.of(drawn(keys, SURROGATE_KEYS), keyDim, random);
    int n = queries.length / keyDim;
    int[] rows = Draws.distinct(n, Math.min(n, 2 * TRIED), random);
    int[] known = Arrays.copyOf(rows, (rows.length + 1) / 2);
    int[] asked = Arrays.copyOfRange(rows, known.length, rows.length);
    float[] knownQueries = Draws.rows(queries, keyDim, known);
    float[] askedQueries = Draws.rows(queries, keyDim, asked);
    SetSizes sizes =
        new SetSizes(
            keyDim, space.dim(), space.centreCount(), Math.min(count, n), KernelChoice.OFFERED);
    if (!sizes.areBounded()) {
      throw new IllegalArgumentException("no anchor set can be made: " + sizes);
    }
    List<Kernel> kernels =
        new KernelChoice(surrogates, space, knownQueries, askedQueries).kernels();
    double share = new ClusterTrial(surrogates, space, kernels, knownQueries, askedQueries).share();
    float[] anchors = place(space, PLACING, Math.min(count, n));
    return new AnchorSet(version, keyDim, share, kernels, space, anchors);
  }

  private static int coordinates(int keyDim) {
    return Math.min(2 * keyDim, Math.max(FEW_COORDINATES, (int) (COORDINATES * keyDim)));
  }

  private float[] place(QuerySpace space, Kernel kernel, int count) {
    int n = queries.length / keyDim;
    int[] rows = Draws.distinct(n, n, random);
    int[] candidates = Arrays.copyOf(rows, Math.min(n, CANDIDATES));
    int[] sample = Arrays.copyOfRange(rows, n - Math.min(n, SAMPLE), n);
    int[] order =
        new Placement(places(space, candidates), places(space, sample), kernel)
            .order(Math.min(Math.min(count, PLACED), candidates.length));
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

  private Places places(QuerySpace space, int[] rows) {
    return Places.of(space, Draws.rows(queries, keyDim, rows), rows.length, 1);
  }

  private float[] drawn(float[] matrix, int most) {
    int n = matrix.length / keyDim;
    return n <= most ? matrix : Draws.rows(matrix, keyDim, Draws.distinct(n, most, random));
  }

  /** Each query once, in the order of its first appearance. */
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
