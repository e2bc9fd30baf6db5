// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Attention over clusters of keys. Cluster c has n_c tokens with mean key mu_c, mean value vbar_c
 * and key covariance Sigma_c. Inside a cluster, the sum of exp(q.k) is that of a normal
 * distribution, and values are linear in keys:
 *
 * <pre>
 *   ln mass_c(q) = ln n_c + q.mu_c + s_c^2 / 2,   s_c^2 = q' Sigma_c q
 *   y(q) = sum_c p_c (vbar_c + X_c' q),   p = softmax(ln mass),   X_c = Cov_c(k, v)
 * </pre>
 *
 * <p>Of Sigma_c and X_c the sketch keeps what all clusters have in common, the mean over all
 * tokens, and the cluster's share in it: its spread (mean square distance from mu_c) divided by the
 * mean spread.
 *
 * <p>The keys of a cluster are bounded, so large queries do not shift its mean without limit. The
 * shift by X_c is at most {@value ClusterReadout#REACH} deviations. As in {@link
 * dev.onepass.sketch.ridge}, the mass grows linearly beyond s = sqrt(2 ln n_c), because n_c tokens
 * reach no further.
 *
 * <p>Answers state errors that follow from the spreads and from the scatter of values ({@code
 * ClusterErrors}).
 *
 * <p>{@code Reduction} decides where new tokens go. While there is room, every distinct key has its
 * own cluster, and answers are exact up to the rounding of means to 16 bits a number. Counts are
 * exact. Sums of keys and of values are those of all tokens folded, up to rounding, whichever
 * clusters were united.
 *
 * <p>Bytes behind the preamble, format 2:
 *
 * <pre>
 *   20             24         25             29               29 + 8 dv
 *   +--------------+----------+--------------+----------------+
 *   | clusters at  | parts i1 | clusters     | range of values|
 *   | most i4      |          | C (i4)       | (2 dv x f4)    |
 *   +--------------+----------+--------------+----------------+
 *   +--------------+-----------------------------+-----------------------------+
 *   | scatter of   | S, lower half, by row, or - | X, by row, or -             |
 *   | values f8    | (d x i1, d (d + 1) / 2 x i2)| (d x i1, d x dv x i2)       |
 *   +--------------+-----------------------------+-----------------------------+
 *   +------------+-------------+--------------------+---------------------+
 *   | masses     | spreads     | mean keys          | mean values         |
 *   | (C x f8)   | (C x f4)    | (C x i1, C x d x i2)| (C x i1, C x dv x i2)|
 *   +------------+-------------+--------------------+---------------------+
 * </pre>
 *
 * <p>From the first token of another weight than 1 on, the preamble has an exponent, masses are
 * relative to it, and effective numbers of tokens (C x f4) stand between masses and spreads. The
 * clusters are then a few less, so that the bytes do not grow. A higher exponent halves masses, S
 * and X, which is exact; clusters whose mass underflows go.
 *
 * <p>A number of i2 counts units of a power of two. The exponent of each row's unit is an i1 in
 * front of the numbers. Format 1, which the parts identify, has f4 for all of these numbers and no
 * exponents. A sketch of format 1 is read, answers and is written in format 1 until tokens arrive.
 */
public final class ClusterSketch implements AttentionSketch {

  /**
   * Tokens that become clusters before they are reduced. It bounds the time and the memory of a
   * fold.
   */
  private static final int FOLDED_AT_ONCE = 256;

  Sizes sizes;
  private final ValueRange range;
  private final Within within;
  final Clusters clusters;
  private long tokens;
  private WeightExponent exponent = WeightExponent.NONE;
  private ClusterReadout readout;

  ClusterSketch(Sizes sizes) {
    this(
        sizes,
        new ValueRange(sizes.valueDim()),
        new Within(sizes),
        new Clusters(sizes.keyDim(), sizes.valueDim(), 0));
  }

  private ClusterSketch(Sizes sizes, ValueRange range, Within within, Clusters clusters) {
    this.sizes = sizes;
    this.range = range;
    this.within = within;
    this.clusters = clusters;
  }

  @Override
  public SketchFamily family() {
    return ClusterFamily.INSTANCE;
  }

  @Override
  public int keyDim() {
    return sizes.keyDim();
  }

  @Override
  public int valueDim() {
    return sizes.valueDim();
  }

  @Override
  public void update(TokenBlock block) {
    update(block, exponent.with(block.normalized(), isEmpty()));
  }

  /**
   * Folds tokens in a sketch that chooses the exponent of its parts.
   *
   * @param block as in {@link #update(TokenBlock)}
   * @param later the exponent after the fold, not below that of this sketch
   */
  public void update(TokenBlock block, WeightExponent later) {
    block.requireDims(keyDim(), valueDim());
    if (block.retracts()) {
      throw new UnsupportedOperationException("Clusters cannot take tokens back.");
    }
    leaveFormat1();
    raise(later);
    TokenBlock weighed = block.withExponent(exponent.value());
    range.include(block);
    for (int from = 0; from < block.count(); from += FOLDED_AT_ONCE) {
      int to = Math.min(block.count(), from + FOLDED_AT_ONCE);
      int old = clusters.count;
      clusters.append(weighed, from, to);
      tokens += to - from;
      fold(old);
    }
  }

  /**
   * Converts a sketch that was read in format 1 to 16 bits a number, and to more clusters, before
   * it changes.
   */
  private void leaveFormat1() {
    if (sizes.floats()) {
      clusters.round(0);
      within.round();
      sizes = sizes.inSixteenBits();
      readout = null;
    }
  }

  private boolean isEmpty() {
    return range.isEmpty();
  }

  /** States all sums relative to a later exponent. The next fold keeps to the new sizes. */
  private void raise(WeightExponent later) {
    if (later.isWeighted() && !exponent.isWeighted()) {
      sizes = sizes.forWeights();
      clusters.weigh();
    }
    long halvings = isEmpty() ? 0 : exponent.halvingsTo(later);
    if (halvings > 0) {
      clusters.halve(halvings);
      within.halve(halvings);
      readout = null;
    }
    exponent = later;
  }

  /** Returns the exponent of the clusters. */
  public WeightExponent exponent() {
    return exponent;
  }

  /**
   * Makes room for the clusters that were appended.
   *
   * @param old number of clusters before them
   */
  private void fold(int old) {
    long random = SplitMix64.mix(tokens);
    uniteEqualKeys(old, random);
    Reduction.reduce(clusters, within, old, sizes.capacity(), tokens, ~random);
    within.settle(random);
    readout = null;
  }

  private void uniteEqualKeys(int old, long random) {
    EqualKeys equal = new EqualKeys(clusters, old);
    for (int a = old; a < clusters.count; a++) {
      int home = clusters.isPure(a) ? equal.findOrAdd(a) : a;
      if (home != a) {
        clusters.absorb(home, a, within, random + a);
      }
    }
    clusters.removeEmpty();
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    if (tokens <= 0) {
      return;
    }
    ClusterAnswers answers = answer(queries, true);
    double[] output = new double[valueDim()];
    double logFactor = queries.logFactor(exponent.value());
    for (int q = 0, i = 0; q < queries.count(); q++) {
      for (int c = 0; c < output.length; c++, i++) {
        output[c] = answers.outputs()[i];
      }
      sums.addEstimate(
          q,
          answers.logNormalizers()[q] + logFactor,
          output,
          answers.outputErrors()[q],
          answers.logNormalizerErrors()[q]);
    }
  }

  /**
   * Answers queries without stating errors. Log-normalizers are relative to the exponent of this
   * sketch.
   *
   * @param queries vectors of the sequence's key dimension
   * @throws IllegalStateException if no token was folded yet
   */
  public ClusterAnswers answer(QueryBlock queries) {
    return answer(queries, false);
  }

  private ClusterAnswers answer(QueryBlock queries, boolean stated) {
    if (tokens <= 0) {
      throw new IllegalStateException("No token was folded yet.");
    }
    if (readout == null) {
      readout = new ClusterReadout(clusters, within);
    }
    return readout.answer(queries, range, stated);
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof ClusterSketch cluster)) {
      throw new IncompatibleSketchException(
          "A cluster sketch cannot merge a sketch of family %s.".formatted(other.family().name()));
    }
    leaveFormat1();
    WeightExponent sum = exponent.with(cluster.exponent, isEmpty(), cluster.isEmpty());
    if (cluster == this || cluster.sizes.floats() || !cluster.exponent.equals(sum)) {
      cluster = cluster.copy();
      cluster.leaveFormat1();
      cluster.raise(sum);
    }
    raise(sum);
    if (!sizes.equals(cluster.sizes)) {
      throw new IncompatibleSketchException(
          "Cluster sketches can be merged only if dimensions and sizes are equal.");
    }
    range.include(cluster.range);
    within.add(cluster.within, SplitMix64.mix(~tokens));
    // Clusters of the other sketch are folded like tokens, a limited number at a time.
    Clusters theirs = cluster.clusters;
    long before = tokens;
    for (int from = 0; from < theirs.count; from += FOLDED_AT_ONCE) {
      int to = Math.min(theirs.count, from + FOLDED_AT_ONCE);
      int old = clusters.count;
      clusters.append(theirs, from, to);
      tokens += theirs.tokens(from, to, cluster.tokens);
      fold(old);
    }
    tokens = before + cluster.tokens;
  }

  @Override
  public boolean shrink(int bytes) {
    leaveFormat1();
    Sizes smaller = sizes.filling(bytes);
    if (smaller.capacity() < Sizes.LEAST_CLUSTERS) {
      return false;
    }
    if (smaller.capacity() < sizes.capacity()) {
      sizes = smaller;
      fold(0);
    }
    return true;
  }

  /** Returns the bound on {@link #stateBytes()}. */
  public int maxBytes() {
    return Math.toIntExact(sizes.bytes(sizes.capacity()));
  }

  private ClusterSketch copy() {
    WireReader in = new WireReader(toByteArray());
    return read(Preamble.read(in), in);
  }

  @Override
  public long tokenCount() {
    return tokens;
  }

  @Override
  public ValueRange valueRange() {
    return range.copy();
  }

  @Override
  public int stateBytes() {
    return Math.toIntExact(sizes.bytes(clusters.count));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Numbers take 4 bytes on the heap, not 2.
   */
  @Override
  public long heapBytes() {
    return 2L * stateBytes() + (readout == null ? 0 : readout.heapBytes());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    exponent.preamble(ClusterFamily.INSTANCE.id(), keyDim(), valueDim(), tokens).write(out);
    sizes.write(out);
    out.putInt(clusters.count);
    range.write(out);
    within.write(out, sizes.floats());
    clusters.write(out, sizes.floats());
    return out.toByteArray();
  }

  static ClusterSketch read(Preamble preamble, WireReader in) {
    Sizes sizes = Sizes.read(in, preamble);
    int count = in.getInt("clusters", 0, sizes.capacity());
    // The bytes must be there before anything of that size is allocated.
    in.require(
        sizes.bytes(count) - Preamble.bytes(sizes.weighted()) - Sizes.OWN_BYTES - Integer.BYTES);
    ValueRange range = ValueRange.read(in, preamble.valueDim());
    if (range.isEmpty() != (count == 0)) {
      throw new CorruptSketchException(
          "expected clusters and a range of values, or neither, got %d clusters".formatted(count));
    }
    Within within = Within.read(in, sizes);
    Clusters clusters = Clusters.read(in, sizes, count, preamble.tokens());
    ClusterSketch sketch = new ClusterSketch(sizes, range, within, clusters);
    sketch.tokens = preamble.tokens();
    sketch.exponent = WeightExponent.of(preamble);
    return sketch;
  }
}
