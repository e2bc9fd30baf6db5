package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.cluster.ClusterAnswers;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.cluster.ClusterSketch;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Optional;

/**
 * Exact attention at anchors, spread over query space, upon what clusters say:
 *
 * <pre>
 *   A(q) = base(q) + g(q)' G^-1 (Y - base(anchors))
 * </pre>
 *
 * <p>The base is the answer of clusters of the sequence's own, where it has some and they are found
 * to do better; otherwise the mean output of the anchors, and for the log-normalizer that of the
 * set's centres of keys. g and G are the covariances of {@link dev.onepass.sketch.anchors}:
 * kriging, also called Gaussian-process interpolation. Everything kept at anchors is sums, so the
 * rows of any two parts of a sequence add up, and tokens can be taken back where there are no
 * clusters.
 *
 * <p>Rows at anchors have 16 bits a number: each fold, retraction or merge moves one by less than
 * 2^-14 of the row's largest number, right on average ({@code AnchorRows}). Folding a ++ b and
 * merging fold(a) with fold(b) agree to that for each of them, and taking tokens back restores an
 * answer to that, relative to the mass there was.
 *
 * <p>How wrong an answer may be follows from the variance that kriging leaves at the query, scaled
 * by the sequence's own residuals ({@link Interpolation}). Without anchors nothing is stated.
 *
 * <p>Bytes behind the preamble, format 1:
 *
 * <pre>
 *   20               24            28             32         33         34
 *   +----------------+-------------+--------------+----------+----------+------------+---------+----------+
 *   | anchors        | anchors R   | bytes of the | flags i1 | kernel i1| range of   | rows at | clusters,|
 *   | version i4     | i4          | clusters i4  |          |          | values     | anchors | a sketch |
 *   |                |             |              |          |          |(2 dv x f4) |         |          |
 *   +----------------+-------------+--------------+----------+----------+------------+---------+----------+
 * </pre>
 *
 * Flags: 1 worn, 2 the base are the clusters. Kernel: number of one of the set's. Worn: whether a
 * retraction took nearly all that an anchor held, after which every error is 1.
 */
public final class HybridSketch implements AttentionSketch {

  private static final int WORN = 1;
  private static final int ON_CLUSTERS = 2;

  /** Tokens by which the first kernel is outgrown; the next ones by four times as many each. */
  private static final int FIRST_TURN = 6;

  /** What the anchors know, for no longer than it takes to work with it. */
  private static final ThreadLocal<double[]> KNOWN = ThreadLocal.withInitial(() -> new double[0]);

  private final SketchFamily family;
  private final int keyDim;
  private final int valueDim;
  private final AnchorSet set;
  private final AnchorRows rows;
  private final ClusterSketch clusters;
  private final ValueRange range;
  private long tokens;
  private boolean worn;
  private Choice choice = new Choice(0, false);
  private boolean outgrown;
  private ReadOut readOut;

  /** What queries are answered from, until tokens come. */
  private record ReadOut(boolean onClusters, Interpolation interpolation, double[] expected) {}

  /**
   * What a sequence chooses by its own values.
   *
   * @param kernel number of one of the set's
   * @param onClusters whether clusters are the base, not a mean
   */
  private record Choice(int kernel, boolean onClusters) {}

  /**
   * What the anchors know, R x (dv + 1): outputs and, last, log-normalizers.
   *
   * @param residuals less what the base says and what is expected; until the next are made
   * @param expected of all anchors beside the base, dv + 1
   */
  private record Known(double[] residuals, double[] expected) {}

  private HybridSketch(
      SketchFamily family,
      int keyDim,
      int valueDim,
      AnchorSet set,
      AnchorRows rows,
      ClusterSketch clusters,
      ValueRange range) {
    this.family = family;
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.set = set;
    this.rows = rows;
    this.clusters = clusters;
    this.range = range;
  }

  /**
   * An empty sketch.
   *
   * @param set what the head shares, if it has one
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
    return new HybridSketch(
        family,
        config.keyDim(),
        config.valueDim(),
        used,
        new AnchorRows(config.valueDim(), division.anchors()),
        clusters,
        new ValueRange(config.valueDim()));
  }

  @Override
  public SketchFamily family() {
    return family;
  }

  @Override
  public int keyDim() {
    return keyDim;
  }

  @Override
  public int valueDim() {
    return valueDim;
  }

  @Override
  public int anchorsVersion() {
    return set == null ? 0 : set.version();
  }

  /** Anchors that the sketch has rows for. */
  public int anchorCount() {
    return rows.count();
  }

  /** Whether the sketch keeps clusters of its own. */
  public boolean hasClusters() {
    return clusters != null;
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim, valueDim);
    if (block.retracts() && clusters != null) {
      throw new UnsupportedOperationException("clusters do not give tokens back");
    }
    long net = block.netCount();
    TokenBlock added = block.only(true);
    TokenBlock takenBack = block.retracts() ? block.only(false) : null;
    range.include(added);
    if (clusters != null && added.count() > 0) {
      clusters.update(added);
    }
    if (rows.count() > 0) {
      long random = RandomRounding.mix(tokens);
      if (added.count() > 0) {
        rows.fold(set, added, random);
      }
      if (takenBack != null) {
        worn |= rows.fold(set, takenBack, ~random);
      }
    }
    long before = tokens;
    tokens += net;
    readOut = null;
    outgrown |= rows.count() > 0 && turns(tokens) > turns(before);
  }

  /**
   * Kernels that a sequence outgrows by so many tokens: one whenever they are four times as many,
   * so that choosing costs nothing in the long run. Not at powers of two, which are what a state
   * size usually holds: there a sketch has just been begun.
   */
  private static int turns(long tokens) {
    int doublings = Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, tokens) / FIRST_TURN);
    return (doublings + 1) / 2;
  }

  /**
   * The kernel and the base that suit best; what they were as long as tokens have not outgrown
   * them. Asked when answers or bytes are wanted, and so once for all blocks that a sketch is begun
   * with.
   */
  private Choice suited() {
    if (!outgrown) {
      return choice;
    }
    KernelTrial trial = set.kernelTrial(rows.count());
    int columns = valueDim + 1;
    KernelTrial.Best best = trial.best(known(false).residuals(), columns, valueDim);
    if (clusters != null) {
      KernelTrial.Best other = trial.best(known(true).residuals(), columns, valueDim);
      if (other.error() < best.error()) {
        return new Choice(other.kernel(), true);
      }
    }
    return new Choice(best.kernel(), false);
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    if (tokens <= 0 || queries.count() == 0) {
      return;
    }
    if (rows.count() == 0) {
      clusters.addTo(sums, queries);
      return;
    }
    if (readOut == null) {
      readOut = readOut();
    }
    Interpolation.Estimates estimates = readOut.interpolation.at(queries);
    double[] expected = readOut.expected;
    ClusterAnswers base = readOut.onClusters ? clusters.answer(queries) : null;
    double[] output = new double[valueDim];
    for (int q = 0, i = 0; q < queries.count(); q++) {
      for (int c = 0; c < valueDim; c++, i++) {
        double from = base == null ? expected[c] : base.outputs()[i];
        output[c] = range.clamp(c, from + estimates.column(q, c));
      }
      double guess =
          base == null ? estimates.guess(q) + expected[valueDim] : base.logNormalizers()[q];
      double logDen = number(guess + estimates.column(q, valueDim));
      if (worn) {
        sums.add(q, logDen, 1, Double.MAX_VALUE, output);
      } else {
        sums.addEstimate(q, logDen, output, estimates.outputError(q), estimates.logDenError(q));
      }
    }
  }

  @Override
  public Optional<Preparation> preparation() {
    if (tokens <= 0 || rows.count() == 0) {
      return Optional.empty();
    }
    if (readOut != null) {
      return readOut.interpolation.preparation();
    }
    if (outgrown && !set.isPrepared(rows.count())) {
      return Optional.of(set.foldPreparation(rows.count()));
    }
    return set.preparation(suited().kernel, rows.count());
  }

  private ReadOut readOut() {
    Choice suited = suited();
    Known known = known(suited.onClusters);
    Interpolation interpolation =
        new Interpolation(set, suited.kernel, rows.count(), known.residuals, valueDim + 1);
    return new ReadOut(suited.onClusters, interpolation, known.expected);
  }

  private static double number(double x) {
    if (Math.abs(x) <= Double.MAX_VALUE) {
      return x;
    }
    return x != x ? 0 : Math.copySign(Double.MAX_VALUE, x);
  }

  private Known known(boolean uponClusters) {
    int count = rows.count();
    int columns = valueDim + 1;
    double[] known = scratch(count * columns);
    for (int r = 0; r < count; r++) {
      rows.output(r, known, r * columns);
      known[r * columns + valueDim] = rows.logDen(r);
    }
    fillEmptyRows(known, columns);
    double[] expected = new double[columns];
    if (uponClusters) {
      subtractClusters(known);
    } else {
      subtractMean(known, expected);
    }
    return new Known(known, expected);
  }

  /** A thread's array, new where another length was wanted last: sketches have a few lengths. */
  private static double[] scratch(int length) {
    double[] numbers = KNOWN.get();
    if (numbers.length != length) {
      numbers = new double[length];
      KNOWN.set(numbers);
    }
    return numbers;
  }

  private void subtractClusters(double[] known) {
    int count = rows.count();
    ClusterAnswers base = clusters.answer(new QueryBlock(set.anchors(), count, keyDim, 1));
    for (int r = 0, i = 0, k = 0; r < count; r++, k++) {
      for (int c = 0; c < valueDim; c++, i++, k++) {
        known[k] = number(known[k] - base.outputs()[i]);
      }
      known[k] = number(known[k] - base.logNormalizers()[r]);
    }
  }

  private void subtractMean(double[] known, double[] mean) {
    int columns = mean.length;
    for (int r = 0, row = 0; r < rows.count(); r++, row += columns) {
      known[row + valueDim] -= set.guess(r);
      for (int c = 0; c < columns; c++) {
        mean[c] += known[row + c];
      }
    }
    for (int c = 0; c < columns; c++) {
      mean[c] /= rows.count();
    }
    for (int row = 0; row < known.length; row += columns) {
      for (int c = 0; c < columns; c++) {
        known[row + c] = number(known[row + c] - mean[c]);
      }
    }
  }

  /** A row that a retraction has emptied tells nothing: it is taken for like the others. */
  private void fillEmptyRows(double[] known, int columns) {
    int full = 0;
    for (int r = 0; r < rows.count(); r++) {
      full += isEmpty(r) ? 0 : 1;
    }
    if (full == rows.count()) {
      return;
    }
    double[] mean = new double[columns];
    for (int r = 0; r < rows.count(); r++) {
      for (int c = 0; !isEmpty(r) && c < columns; c++) {
        mean[c] += known[r * columns + c] / full;
      }
    }
    for (int r = 0; r < rows.count(); r++) {
      if (isEmpty(r)) {
        System.arraycopy(mean, 0, known, r * columns, columns);
      }
    }
  }

  private boolean isEmpty(int row) {
    return rows.logDen(row) == Float.NEGATIVE_INFINITY;
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof HybridSketch hybrid) || hybrid.family != family) {
      throw new IncompatibleSketchException(
          "a %s sketch cannot take in a sketch of family %s"
              .formatted(family.name(), other.family().name()));
    }
    if (hybrid.anchorsVersion() != anchorsVersion()
        || hybrid.rows.count() != rows.count()
        || (hybrid.clusters == null) != (clusters == null)
        || hybrid.keyDim != keyDim
        || hybrid.valueDim != valueDim) {
      throw new IncompatibleSketchException(
          "%s sketches of different dimensions, sizes or anchor sets cannot be merged"
              .formatted(family.name()));
    }
    if (clusters != null) {
      clusters.merge(hybrid.clusters);
    }
    rows.merge(hybrid.rows, RandomRounding.mix(tokens + hybrid.tokens));
    range.include(hybrid.range);
    tokens += hybrid.tokens;
    worn |= hybrid.worn;
    readOut = null;
    outgrown |= rows.count() > 0 && tokens > 0;
  }

  @Override
  public long heapBytes() {
    long prepared = readOut == null ? 0 : readOut.interpolation.heapBytes();
    long beyondState = clusters == null ? 0 : clusters.heapBytes() - clusters.stateBytes();
    return stateBytes() + beyondState + prepared;
  }

  @Override
  public long tokenCount() {
    return tokens;
  }

  @Override
  public ValueRange valueRange() {
    ValueRange copy = new ValueRange(valueDim);
    copy.include(range);
    return copy;
  }

  @Override
  public int stateBytes() {
    return Division.overhead(valueDim)
        + rows.count() * AnchorSet.rowBytes(valueDim)
        + (clusters == null ? 0 : clusters.stateBytes());
  }

  @Override
  public void settle() {
    choice = suited();
    outgrown = false;
  }

  @Override
  public byte[] toByteArray() {
    settle();
    WireWriter out = new WireWriter(stateBytes());
    new Preamble(family.id(), keyDim, valueDim, tokens).write(out);
    out.putInt(anchorsVersion());
    out.putInt(rows.count());
    out.putInt(clusters == null ? 0 : clusters.stateBytes());
    out.putByte((worn ? WORN : 0) + (choice.onClusters ? ON_CLUSTERS : 0));
    out.putByte(choice.kernel);
    range.write(out);
    rows.write(out);
    if (clusters != null) {
      out.putBytes(clusters.toByteArray());
    }
    return out.toByteArray();
  }

  static HybridSketch read(
      SketchFamily family, Preamble preamble, WireReader in, AnchorSets anchors) {
    int version = in.getInt("anchors version", 0, Integer.MAX_VALUE);
    int count = in.getInt("anchors", 0, SetSizes.MOST_USED);
    int clusterBytes = in.getInt("bytes of clusters", 0, Integer.MAX_VALUE);
    int flags = in.getByte();
    int kernel = in.getByte();
    if (flags > WORN + ON_CLUSTERS
        || (flags & ON_CLUSTERS) > 0 && clusterBytes == 0
        || (version == 0) != (count == 0)
        || count == 0 && clusterBytes == 0) {
      throw new CorruptSketchException(
          "anchors version %d, %d anchors, %d bytes of clusters, flags %d"
              .formatted(version, count, clusterBytes, flags));
    }
    AnchorSet set = version == 0 ? null : set(anchors, version, count, preamble.keyDim());
    if (kernel >= (set == null ? 1 : set.kernelCount())) {
      throw new CorruptSketchException("the anchor set has no kernel " + kernel);
    }
    ValueRange range = ValueRange.read(in, preamble.valueDim());
    AnchorRows rows = AnchorRows.read(in, preamble.valueDim(), count);
    ClusterSketch clusters = clusterBytes == 0 ? null : clusters(in.getBytes(clusterBytes));
    HybridSketch sketch =
        new HybridSketch(
            family, preamble.keyDim(), preamble.valueDim(), set, rows, clusters, range);
    if (clusters != null
        && (clusters.keyDim() != sketch.keyDim || clusters.valueDim() != sketch.valueDim)) {
      throw new CorruptSketchException("the clusters have other dimensions");
    }
    boolean empty = preamble.tokens() > 0 && range.isEmpty();
    if (empty || clusters != null && clusters.tokenCount() != preamble.tokens()) {
      throw new CorruptSketchException("the parts hold other tokens than the sketch");
    }
    sketch.tokens = preamble.tokens();
    sketch.worn = (flags & WORN) > 0;
    sketch.choice = new Choice(kernel, (flags & ON_CLUSTERS) > 0);
    return sketch;
  }

  private static AnchorSet set(AnchorSets anchors, int version, int count, int keyDim) {
    AnchorSet set = anchors.version(version).orElse(null);
    if (set == null || set.count() < count || set.keyDim() != keyDim) {
      throw new CorruptSketchException(
          "the sketch has %d rows at anchors of version %d, which is not at hand"
              .formatted(count, version));
    }
    return set;
  }

  private static ClusterSketch clusters(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    Preamble preamble = Preamble.read(in);
    if (preamble.family() != ClusterFamily.INSTANCE.id()) {
      throw new CorruptSketchException("the part for clusters is another sketch");
    }
    AttentionSketch clusters = ClusterFamily.INSTANCE.heapify(preamble, in, AnchorSets.NONE);
    in.expectEnd();
    return (ClusterSketch) clusters;
  }
}
