package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchored.Interpolation;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What all sequences of a head share: anchors, which are past queries of the head with the scale of
 * the logits multiplied in, the space they lie in, and kernels that say how alike the answers to
 * two queries are.
 *
 * <p>Immutable and safe for threads. Versions count from 1; a set of a higher version follows one
 * of a lower. Equal sets have equal bytes.
 *
 * <p>Bytes, format 2, little-endian:
 *
 * <pre>
 *   0 'O' 'A'   2 format (i2)   4 version (i4)   8 key dim (i4)   12 anchors R (i4)
 *  16 share of clusters (f8)   24 kernels (i4)
 *  28 each kernel: length, overlap, nugget (3 x f8)
 *     space: coordinates D (i4), centres M (i4), scale of overlaps (f8), centres (M x d x f4), ln
 *     counts (M x f4), spreads (M x f4), root of scatter (d x d x f4), axes of queries (d x D x f4),
 *     axes of keys (M x D x f4)
 *     anchors (R x d x f4)
 * </pre>
 *
 * Format 1, which is read too, had no D: coordinates were d of the query and d of the keys, and
 * axes had d columns.
 */
public final class AnchorSet {

  /** Most anchors of a set. */
  public static final int MAX_ANCHORS = 1 << 16;

  private static final int MOST_KERNELS = 16;
  private static final int MAGIC = 'O' | 'A' << 8;
  private static final int FORMAT = 2;
  private static final int HEADER_BYTES = 20 + Double.BYTES;

  private final int version;
  private final int keyDim;
  private final double clusterShare;
  private final List<Kernel> kernels;
  private final QuerySpace space;
  private final float[] anchors;
  private final Derived derived;

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
        clusterShare,
        kernels,
        space,
        anchors,
        new Derived(space, anchors, kernels));
  }

  public AnchorSet(
      int version,
      int keyDim,
      double clusterShare,
      List<Kernel> kernels,
      QuerySpace space,
      float[] anchors,
      Derived derived) {
    this.version = version;
    this.keyDim = keyDim;
    this.clusterShare = clusterShare;
    this.kernels = List.copyOf(kernels);
    this.space = space;
    this.anchors = anchors;
    this.derived = derived;
  }

  /**
   * Bytes that a sequence keeps at each anchor: ln den, a power of two, and 16 bits for each
   * coordinate of the output.
   */
  public static int rowBytes(int valueDim) {
    return Float.BYTES + 1 + Short.BYTES * valueDim;
  }

  /** Version, at least 1. */
  public int version() {
    return version;
  }

  /** Length of the head's keys and queries. */
  public int keyDim() {
    return keyDim;
  }

  /** Anchors in the set. A sequence uses as many of the first ones as its bytes hold. */
  public int count() {
    return anchors.length / keyDim;
  }

  /**
   * Share of a sequence's bytes that clusters of its own are worth, 0 to 1: none where anchors
   * alone did clearly better on what was held back.
   */
  public double clusterShare() {
    return clusterShare;
  }

  /** The same set under another version. */
  public AnchorSet withVersion(int other) {
    return new AnchorSet(other, keyDim, clusterShare, kernels, space, anchors, derived);
  }

  /** Whether the two hold the same, whatever their versions. */
  public boolean hasContentOf(AnchorSet other) {
    return Arrays.equals(withVersion(1).toByteArray(), other.withVersion(1).toByteArray());
  }

  /** The anchors, count x d, row-major; not a copy. */
  public float[] anchors() {
    return anchors;
  }

  /** The anchors in query space. */
  public EmbeddedQueries embeddedAnchors() {
    return derived.embeddedAnchors();
  }

  /** Log-normalizer of an anchor over the set's own centres of keys. */
  public double guess(int anchor) {
    return embeddedAnchors().logNormalizer(anchor);
  }

  public QuerySpace space() {
    return space;
  }

  /** Kernels to choose from. */
  public int kernelCount() {
    return kernels.size();
  }

  /** Kernels that suit the head's queries and keys; which suits the values, the values tell. */
  List<Kernel> kernels() {
    return kernels;
  }

  /**
   * Works out, on the calling thread, what tokens of sequences with so many anchors need when they
   * are folded: the places of the anchors, and what tells kernels apart. Returns at once if that
   * was done before.
   *
   * @throws InterruptedException if the thread was interrupted; nothing is left behind then
   */
  public void prepare(int count) throws InterruptedException {
    derived.prepare(count);
  }

  /** Whether {@link #prepare} has nothing to do for so many anchors. */
  public boolean isPrepared(int count) {
    return derived.isPrepared(count);
  }

  /**
   * Tries whether sequences can work with the set: places a few of the anchors, those farthest out
   * among them, and factors each kernel for these. Takes milliseconds, and for the largest sets
   * there can be up to a second.
   *
   * @throws CorruptSketchException if that comes to anything but numbers, with a sentence that says
   *     so
   */
  public void tryOut() {
    new AnchorSetTrial(space, kernels, anchors).run();
  }

  /** The work of {@link #prepare}. */
  public Preparation foldPreparation(int count) {
    return derived.preparation(count);
  }

  /**
   * What must be worked out before an {@link Interpolation} by a kernel from so many anchors can be
   * made at once; empty if nothing.
   */
  public Optional<Preparation> preparation(int kernel, int count) {
    return derived.preparation(factor(kernel, count));
  }

  /** Interpolation from the first {@code count} anchors; factors them unless that was done. */
  public Kriging kriging(int kernel, int count) {
    return derived.kriging(factor(kernel, count));
  }

  private Derived.Factor factor(int kernel, int count) {
    int most = Math.min(SetSizes.MOST_USED, count());
    if (kernel < 0 || kernel >= kernels.size() || count < 1 || count > most) {
      throw new IllegalArgumentException(
          "kernel %d of %d, %d of %d anchors".formatted(kernel, kernels.size(), count, most));
    }
    return new Derived.Factor(kernel, count);
  }

  /**
   * What tells kernels apart for sequences with so many anchors; works that out unless it was done.
   *
   * @throws dev.onepass.sketch.background.InterruptedWorkException if the thread is interrupted
   *     meanwhile
   */
  public KernelTrial kernelTrial(int count) {
    return derived.trial(count);
  }

  /**
   * Bytes that the set and what is held of what was derived from it take in memory, once for each
   * process.
   */
  public long sharedBytes() {
    return space.bytes() + (long) Float.BYTES * anchors.length + derived.bytes();
  }

  /** The set's bytes. */
  public byte[] toByteArray() {
    long bytes =
        HEADER_BYTES
            + Kernel.BYTES * kernels.size()
            + space.bytes()
            + (long) Float.BYTES * anchors.length;
    WireWriter out = new WireWriter(Math.toIntExact(bytes));
    out.putShort(MAGIC);
    out.putShort(FORMAT);
    out.putInt(version);
    out.putInt(keyDim);
    out.putInt(count());
    out.putDouble(clusterShare);
    out.putInt(kernels.size());
    kernels.forEach(kernel -> kernel.write(out));
    space.write(out);
    out.putFloats(anchors, anchors.length);
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray()} wrote.
   *
   * @throws CorruptSketchException if the bytes are no anchor set, or one that would take too much
   *     memory with what is derived from it, with a sentence that says why
   */
  public static AnchorSet fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.getShort() != MAGIC) {
      throw new CorruptSketchException("the bytes do not begin with OA");
    }
    int format = in.getShort();
    if (format != 1 && format != FORMAT) {
      throw new CorruptSketchException("format " + format + " of anchor sets is not known");
    }
    int version = in.getInt("version", 1, Integer.MAX_VALUE);
    int keyDim = in.getInt("key dim", 1, Preamble.MAX_DIM);
    int count = in.getInt("anchors", 1, MAX_ANCHORS);
    double clusterShare = in.getDouble();
    if (!(clusterShare >= 0 && clusterShare < 1)) {
      throw new CorruptSketchException("share of clusters " + clusterShare);
    }
    List<Kernel> kernels = new ArrayList<>();
    for (int left = in.getInt("kernels", 1, MOST_KERNELS); left > 0; left--) {
      kernels.add(Kernel.read(in));
    }
    QuerySpace space =
        format == 1
            ? QuerySpace.readFormat1(in, keyDim, count, kernels.size())
            : QuerySpace.read(in, keyDim, count, kernels.size());
    in.require((long) Float.BYTES * count * keyDim);
    float[] anchors = in.getFloats(count * keyDim);
    in.expectEnd();
    return new AnchorSet(version, keyDim, clusterShare, kernels, space, anchors);
  }
}
