// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchored.Interpolation;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.wide.ColumnSample;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An anchor set: what all sequences of a head share. It holds the anchors, which are past query
 * vectors of the head with the scale of the logits multiplied in, the {@link QuerySpace} in which
 * they are compared, and the kernels to choose from. The set of a head with wide keys also holds a
 * {@link ColumnSample}: keys and queries of length d are projected to m coordinates, and everything
 * else in the set is about projected ones.
 *
 * <p>Immutable and safe for use by several threads. Versions count from 1; a higher version is
 * newer. Equal sets have equal bytes.
 *
 * <p>Bytes, format 3, little-endian:
 *
 * <pre>
 *   0 'O' 'A'   2 format (i2)   4 version (i4)   8 key dim (i4)   12 anchors R (i4)
 *  16 cluster share (f8)   24 kernels (i4)
 *  28 each kernel: length, overlap, nugget (3 x f8)
 *     columns: length (i4), bytes of the {@link ColumnSample}
 *     space: coordinates D (i4), centres M (i4), overlap scale (f8), centres (M x d x f4), ln
 *     counts (M x f4), spreads (M x f4), root of scatter (d x d x f4), axes of queries (d x D x f4),
 *     axes of keys (M x D x f4)
 *     anchors (R x d x f4)
 * </pre>
 *
 * The key dim, here d, is m where there are columns. A set without columns is written in format 2,
 * which does not have that entry. Format 1, which can still be read, has no D either: d coordinates
 * of the query are followed by d coordinates of the keys, and axes have d columns.
 */
@PublicEvolving
public final class AnchorSet {

  /** Maximum number of anchors of a set. */
  public static final int MAX_ANCHORS = 1 << 16;

  private static final int MOST_KERNELS = 16;
  private static final int MAGIC = 'O' | 'A' << 8;

  /** Format of sets without columns. */
  private static final int FORMAT = 2;

  /** Format of sets with columns. */
  private static final int FORMAT_WITH_COLUMNS = 3;

  private static final int HEADER_BYTES = 20 + Double.BYTES;

  private final int version;
  private final int keyDim;
  private final ColumnSample columns;
  private final double clusterShare;
  private final List<Kernel> kernels;
  private final QuerySpace space;
  private final float[] anchors;
  private final DerivedResults derived;

  /**
   * Makes a set. Keeps the arrays without copying them.
   *
   * @param version version, at least 1
   * @param keyDim length d of keys and queries
   * @param clusterShare share of the bytes of a sequence to spend on clusters, at least 0, below 1
   * @param kernels kernels to choose from, at least one
   * @param space space of the queries
   * @param anchors anchors, R x d, row-major
   */
  @Internal
  public AnchorSet(
      int version,
      int keyDim,
      double clusterShare,
      List<Kernel> kernels,
      QuerySpace space,
      float[] anchors) {
    this(
        version,
        keyDim,
        /* columns= */ null,
        clusterShare,
        kernels,
        space,
        anchors,
        new DerivedResults(space, anchors, kernels));
  }

  /**
   * Makes a set that shares derived results with other versions of the same content.
   *
   * @param columns the projection of wide keys to length {@code keyDim}; null for none
   * @param derived results derived from the same space, anchors and kernels
   */
  AnchorSet(
      int version,
      int keyDim,
      ColumnSample columns,
      double clusterShare,
      List<Kernel> kernels,
      QuerySpace space,
      float[] anchors,
      DerivedResults derived) {
    this.version = version;
    this.keyDim = keyDim;
    this.columns = columns;
    this.clusterShare = clusterShare;
    this.kernels = List.copyOf(kernels);
    this.space = space;
    this.anchors = anchors;
    this.derived = derived;
  }

  /**
   * Returns the bytes that a sequence keeps at each anchor: ln den, an exponent, and 16 bits for
   * each coordinate of the output.
   *
   * @param valueDim length of a value
   */
  public static int rowBytes(int valueDim) {
    return Float.BYTES + 1 + Short.BYTES * valueDim;
  }

  /** Returns the version, at least 1. */
  public int version() {
    return version;
  }

  /**
   * Returns the length of the keys and queries that the set is about: of projected ones, if any.
   */
  public int keyDim() {
    return keyDim;
  }

  /** Returns the projection of the head's wide keys and queries; empty for none. */
  public Optional<ColumnSample> columns() {
    return Optional.ofNullable(columns);
  }

  /** Returns the length of the head's keys and queries before any projection. */
  public int fullDim() {
    return columns == null ? keyDim : columns.fullDim();
  }

  /** Returns the number of anchors R. A sequence uses the first ones, as its bytes allow. */
  public int count() {
    return anchors.length / keyDim;
  }

  /**
   * Returns the share of the bytes of a sequence to spend on clusters, at least 0, below 1. It is 0
   * if anchors without clusters did clearly better on held-back queries.
   */
  public double clusterShare() {
    return clusterShare;
  }

  /**
   * Returns the same set with another version.
   *
   * @param other version, at least 1
   */
  public AnchorSet withVersion(int other) {
    return new AnchorSet(other, keyDim, columns, clusterShare, kernels, space, anchors, derived);
  }

  /**
   * Returns the same set for wide keys.
   *
   * @param sample the projection that the set's queries and keys went through
   * @throws IllegalArgumentException if it projects to another length than the set's keys have
   */
  public AnchorSet withColumns(ColumnSample sample) {
    if (sample.columns() != keyDim) {
      throw new IllegalArgumentException(
          "Expected a projection to length %d, got length %d.".formatted(keyDim, sample.columns()));
    }
    return new AnchorSet(version, keyDim, sample, clusterShare, kernels, space, anchors, derived);
  }

  /** Returns the anchors, R x d, row-major; not a copy. */
  public float[] anchors() {
    return anchors;
  }

  /**
   * Returns the anchors in query space. Computes them on the first call.
   *
   * @throws dev.onepass.sketch.background.InterruptedWorkException if the thread is interrupted
   */
  @Internal
  public EmbeddedQueries embeddedAnchors() {
    return derived.embeddedAnchors();
  }

  /**
   * Returns an approximation of the log-normalizer of an anchor, up to a constant: the
   * log-normalizer over the centres of the set.
   *
   * @param anchor index of the anchor, from 0
   */
  public double guess(int anchor) {
    return embeddedAnchors().logNormalizer(anchor);
  }

  /** Returns the space of the queries. */
  @Internal
  public QuerySpace space() {
    return space;
  }

  /** Returns the number of kernels to choose from. */
  public int kernelCount() {
    return kernels.size();
  }

  /**
   * Returns the kernels that suit the queries and keys of the head. Which of them suits the values
   * is found by each sequence; see {@link KernelTrial}.
   */
  List<Kernel> kernels() {
    return kernels;
  }

  /**
   * Computes, on the calling thread, what folds need: the anchors in query space and the kernel
   * trial. Returns at once if both are known.
   *
   * @param count number of anchors that the sequence uses
   * @throws InterruptedException if the thread was interrupted; nothing is kept then
   */
  public void prepare(int count) throws InterruptedException {
    derived.prepare(count);
  }

  /**
   * Returns whether {@link #prepare} has nothing left to do.
   *
   * @param count number of anchors that the sequence uses
   */
  public boolean isPrepared(int count) {
    return derived.isPrepared(count);
  }

  /**
   * Checks that sequences can work with the set: embeds some anchors, including the ones of largest
   * norm, and factors the covariance by each kernel. Takes milliseconds, and up to a second for the
   * largest sets.
   *
   * @throws CorruptSketchException if a result is not finite, or if a covariance cannot be factored
   */
  public void tryOut() {
    new AnchorSetTrial(space, kernels, anchors).run();
  }

  /**
   * Returns the work of {@link #prepare}.
   *
   * @param count number of anchors that the sequence uses
   */
  public Preparation foldPreparation(int count) {
    return derived.preparation(count);
  }

  /**
   * Returns the work that must be done before an {@link Interpolation} can be made at once; empty
   * if there is none.
   *
   * @param kernel index of the kernel, from 0
   * @param count number of anchors to interpolate from
   * @throws IllegalArgumentException if there is no such kernel, or if there are too few anchors
   */
  public Optional<Preparation> preparation(int kernel, int count) {
    return derived.preparation(factor(kernel, count));
  }

  /**
   * Returns the interpolation from the first anchors. Factors their covariance unless a factor is
   * known.
   *
   * @param kernel index of the kernel, from 0
   * @param count number of anchors to interpolate from
   * @throws IllegalArgumentException if there is no such kernel, or if there are too few anchors
   * @throws dev.onepass.sketch.background.InterruptedWorkException if the thread is interrupted
   * @throws dev.onepass.sketch.anchors.kriging.UnfactorableCovarianceException if a covariance is
   *     not finite
   */
  @Internal
  public Kriging kriging(int kernel, int count) {
    return derived.kriging(factor(kernel, count));
  }

  private DerivedResults.Factor factor(int kernel, int count) {
    int most = Math.min(SetSizes.MOST_USED, count());
    if (kernel < 0 || kernel >= kernels.size() || count < 1 || count > most) {
      throw new IllegalArgumentException(
          "kernel must be 0 to %d, got %d; anchors must be 1 to %d, got %d"
              .formatted(kernels.size() - 1, kernel, most, count));
    }
    return new DerivedResults.Factor(kernel, count);
  }

  /**
   * Returns the trial that chooses the kernel of a sequence. Prepares it unless it is known.
   *
   * @param count number of anchors that the sequence uses
   * @throws dev.onepass.sketch.background.InterruptedWorkException if the thread is interrupted
   */
  @Internal
  public KernelTrial kernelTrial(int count) {
    return derived.trial(count);
  }

  /**
   * Returns the bytes of memory that the set takes once in each process, with the results derived
   * from it that are held now.
   */
  public long sharedBytes() {
    return space.bytes()
        + (columns == null ? 0 : columns.stateBytes())
        + (long) Float.BYTES * anchors.length
        + derived.bytes();
  }

  /** Returns the bytes of the set. */
  public byte[] toByteArray() {
    long bytes =
        HEADER_BYTES
            + Kernel.BYTES * kernels.size()
            + (columns == null ? 0 : Integer.BYTES + columns.stateBytes())
            + space.bytes()
            + (long) Float.BYTES * anchors.length;
    WireWriter out = new WireWriter(Math.toIntExact(bytes));
    out.putShort(MAGIC);
    out.putShort(columns == null ? FORMAT : FORMAT_WITH_COLUMNS);
    out.putInt(version);
    out.putInt(keyDim);
    out.putInt(count());
    out.putDouble(clusterShare);
    out.putInt(kernels.size());
    kernels.forEach(kernel -> kernel.write(out));
    if (columns != null) {
      byte[] sample = columns.toByteArray();
      out.putInt(sample.length);
      out.putBytes(sample);
    }
    space.write(out);
    out.putFloats(anchors, anchors.length);
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray()} wrote.
   *
   * @param bytes bytes of a set, of format 1 to 3
   * @throws CorruptSketchException if the bytes are not an anchor set, or if the set would take too
   *     much memory; memory stays bounded by a small multiple of {@code bytes.length}
   */
  public static AnchorSet fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.getShort() != MAGIC) {
      throw new CorruptSketchException("anchor set does not begin with OA");
    }
    int format = in.getShort();
    if (format < 1 || format > FORMAT_WITH_COLUMNS) {
      throw new CorruptSketchException(
          "anchor set has format %d; expected 1 to %d".formatted(format, FORMAT_WITH_COLUMNS));
    }
    int version = in.getInt("version", 1, Integer.MAX_VALUE);
    int keyDim = in.getInt("key dim", 1, Preamble.MAX_DIM);
    int count = in.getInt("anchors", 1, MAX_ANCHORS);
    double clusterShare = in.getDouble();
    if (!(clusterShare >= 0 && clusterShare < 1)) {
      throw new CorruptSketchException(
          "cluster share is %s, not in [0, 1)".formatted(clusterShare));
    }
    List<Kernel> kernels = new ArrayList<>();
    for (int left = in.getInt("kernels", 1, MOST_KERNELS); left > 0; left--) {
      kernels.add(Kernel.read(in));
    }
    ColumnSample columns = format == FORMAT_WITH_COLUMNS ? readColumns(in, keyDim) : null;
    QuerySpace space =
        format == 1
            ? QuerySpace.readFormat1(in, keyDim, count, kernels.size())
            : QuerySpace.read(in, keyDim, count, kernels.size());
    in.require((long) Float.BYTES * count * keyDim);
    float[] anchors = in.getFloats(count * keyDim);
    in.expectEnd();
    return new AnchorSet(
        version,
        keyDim,
        columns,
        clusterShare,
        kernels,
        space,
        anchors,
        new DerivedResults(space, anchors, kernels));
  }

  private static ColumnSample readColumns(WireReader in, int keyDim) {
    ColumnSample columns =
        ColumnSample.heapify(in.getBytes(in.getInt("bytes of columns", 0, Integer.MAX_VALUE)));
    if (columns.columns() != keyDim) {
      throw new CorruptSketchException(
          "the columns project keys to length %d, but the set is for length %d"
              .formatted(columns.columns(), keyDim));
    }
    return columns;
  }
}
