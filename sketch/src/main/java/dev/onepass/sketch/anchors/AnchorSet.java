package dev.onepass.sketch.anchors;

import dev.onepass.sketch.SketchConfig;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * What all sequences of a head share: anchors, which are past queries of the head with the scale of
 * the logits multiplied in. Immutable. Versions count from 1; a set of a higher version follows one
 * of a lower. Equal sets have equal bytes.
 */
public final class AnchorSet {

  private static final int MAGIC = 'O' | 'A' << 8;
  private static final int FORMAT = 1;

  /** Most anchors of a set. */
  public static final int MAX_ANCHORS = 1 << 16;

  private final int version;
  private final int keyDim;
  private final float[] anchors;

  AnchorSet(int version, int keyDim, float[] anchors) {
    this.version = version;
    this.keyDim = keyDim;
    this.anchors = anchors;
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

  /** The same set under another version. */
  public AnchorSet withVersion(int other) {
    return new AnchorSet(other, keyDim, anchors);
  }

  /** Whether the two hold the same, whatever their versions. */
  public boolean hasContentOf(AnchorSet other) {
    return Arrays.equals(withVersion(1).toByteArray(), other.withVersion(1).toByteArray());
  }

  /** Bytes that the set and what is derived from it take in memory, once for each process. */
  public long sharedBytes() {
    return (long) Float.BYTES * anchors.length;
  }

  /** The set's bytes, little-endian. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(16 + Float.BYTES * anchors.length);
    out.putShort(MAGIC);
    out.putShort(FORMAT);
    out.putInt(version);
    out.putInt(keyDim);
    out.putInt(count());
    out.putFloats(anchors, anchors.length);
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray()} wrote.
   *
   * @throws CorruptSketchException if the bytes are no anchor set, with a sentence that says why
   */
  public static AnchorSet fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.getShort() != MAGIC) {
      throw new CorruptSketchException("the bytes do not begin with OA");
    }
    int format = in.getShort();
    if (format != FORMAT) {
      throw new CorruptSketchException("format " + format + " of anchor sets is not known");
    }
    int version = in.getInt("version", 1, Integer.MAX_VALUE);
    int keyDim = in.getInt("key dim", 1, SketchConfig.MAX_DIM);
    int count = in.getInt("anchors", 1, MAX_ANCHORS);
    in.require((long) Float.BYTES * count * keyDim);
    float[] anchors = new float[count * keyDim];
    in.getFloats(anchors, anchors.length, WireReader.Infinities.REFUSED);
    in.expectEnd();
    return new AnchorSet(version, keyDim, anchors);
  }
}
