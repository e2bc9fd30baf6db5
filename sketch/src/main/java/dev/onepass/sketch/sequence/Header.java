// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Counts and settings of one sequence. Settings that were decided when the sequence began (cut
 * size, state size, dimensions) are kept here, so that changed options apply to new sequences only.
 *
 * <p>Readers see the live header of a {@link Sequence}; only the sequence changes it.
 *
 * <p>Bytes, version 4, little-endian:
 *
 * <pre>
 *   0  version (i1)    1  flags (i1)      2  key dim (i2)      4  value dim (i2)   6  family (i2)
 *   8  state size (i4) 12 cut size (i4)  16  pending (i4)     20  sketch bytes (i4)
 *  24  accepted (i8)   32 retracted (i8) 40  last position (i8)                   48  duplicates (i8)
 *  56  anchors version (i4)              60  bytes kept free for queries (i4)
 *  64  bytes of the sketch of queries (i4)
 *  68  partition of the tokens (i4)      72  its generation (i2)                  74  since (i8)
 *  82  clock (i8)                        90  half-life (i8): milliseconds; tokens if negative
 * </pre>
 *
 * Family: id of the sketch's family, 0 while the sequence is exact. Flags: 1 tokens carry
 * positions, 2 tokens carry no positions, 4 the sequence has left exact mode, 8 a query has closed
 * it for tokens, 16 it permanently lacks tokens, 32 pending tokens have room for a bias, 64 keys
 * are projected by the columns of the anchor set. Key dim is then the length of projected keys.
 * Version 3 ends before the clock and has no flags from 32 on; a sequence that began under it keeps
 * it until its keys are projected.
 */
public final class Header {

  /** Bytes of a header. */
  public static final int BYTES = 98;

  /** Version of the bytes. */
  public static final int VERSION = 4;

  private static final int BYTES_OF_VERSION_3 = 82;

  private static final int POSITIONS = 1;
  private static final int NO_POSITIONS = 2;
  private static final int LEFT_EXACT_MODE = 4;
  private static final int CLOSED = 8;
  private static final int INCOMPLETE = 16;
  private static final int BIASES = 32;
  private static final int PROJECTED = 64;

  private int keyDim;
  private final int valueDim;
  private int stateSize;
  private int cutSize;
  private int flags;
  private int family;
  private int pending;
  private int sketchBytes;
  private long accepted;
  private long retracted;
  private long lastPosition = -1;
  private long duplicates;
  private int anchorsVersion;
  private int queryReserve;
  private int queryBytes;
  private TokenOrigin origin = TokenOrigin.UNKNOWN;
  private long clock;
  private Decay decay = Decay.NONE;

  /** Made from the sizes when it is needed, which is several times per token. */
  private StateLayout layout;

  /** Whether the stored header differs; not part of the bytes. */
  private boolean changed;

  private Header(int keyDim, int valueDim, int stateSize, int cutSize) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.stateSize = stateSize;
    this.cutSize = cutSize;
  }

  /** Returns the header of a new sequence. */
  public static Header of(HeadSpec spec) {
    Header header = new Header(spec.keyDim(), spec.valueDim(), 0, 0);
    header.flags = BIASES;
    header.decay = spec.decay();
    header.adoptSizes(spec);
    header.changed = false;
    return header;
  }

  /** Returns the layout that the sequence began with. */
  public StateLayout layout() {
    if (layout == null) {
      layout =
          StateLayout.of(keyDim, valueDim, stateSize, cutSize, room()).withQueryBytes(queryReserve);
    }
    return layout;
  }

  private StateLayout.Room room() {
    if ((flags & BIASES) == 0) {
      return StateLayout.Room.OF_VERSION_3;
    }
    return decay.isOn() ? StateLayout.Room.BIAS_AND_TIME : StateLayout.Room.BIAS;
  }

  /** Returns the decay that the sequence began with. */
  public Decay decay() {
    return decay;
  }

  /** Returns the time of the sequence's newest token, in the unit of its decay; 0 without decay. */
  public long clock() {
    return clock;
  }

  /**
   * Moves the clock to the time of a token, but never back. A decay by tokens counts the token
   * itself.
   *
   * @param time the token's time
   * @return the time of the clock
   */
  long advance(long time) {
    if (decay.isOn()) {
      changed = true;
      clock = Math.max(decay.byTokens() ? clock + 1 : clock, time);
    }
    return clock;
  }

  /** Returns the length of the keys that the sequence keeps: of projected ones, if any. */
  public int keyDim() {
    return keyDim;
  }

  /** Returns the length of values. */
  public int valueDim() {
    return valueDim;
  }

  /** Returns the number of tokens: accepted ones less retracted ones. */
  public long tokens() {
    return accepted - retracted;
  }

  /** Returns the number of accepted tokens, whether or not they were retracted later. */
  public long accepted() {
    return accepted;
  }

  /** Returns the position of the newest token, or -1 if there is none. */
  public long lastPosition() {
    return lastPosition;
  }

  /** Returns the number of tokens dropped because their position was not above the last one. */
  public long duplicates() {
    return duplicates;
  }

  /** Returns whether the sequence is in exact mode: all tokens are pending. */
  public boolean isExact() {
    return (flags & LEFT_EXACT_MODE) == 0;
  }

  /** Returns the id of the sketch's family; 0 while the sequence is exact. */
  public int family() {
    return family;
  }

  /** Returns whether the header says nothing, so that it need not be stored. */
  public boolean isBlank() {
    return accepted == 0 && duplicates == 0 && !origin.isKnown();
  }

  /** Returns the number of entries in the pending block. */
  public int pending() {
    return pending;
  }

  /**
   * Returns the bytes that count towards the state size: the bytes reserved for the header, the
   * pending block and the sketches.
   */
  public long stateBytes() {
    return layout().reservedBytes()
        + (long) pending * layout().tokenBytes()
        + sketchBytes
        + queryBytes;
  }

  /** Returns the version of the anchor set that the sequence adopted; 0 if none. */
  public int anchorsVersion() {
    return anchorsVersion;
  }

  void anchorsVersion(int version) {
    changed = true;
    anchorsVersion = version;
  }

  /** Returns whether a token with (or without) a position would mix the two kinds. */
  boolean wouldMix(boolean hasPosition) {
    return (flags & (hasPosition ? NO_POSITIONS : POSITIONS)) != 0;
  }

  boolean isDuplicate(long position) {
    return position <= lastPosition;
  }

  void countDuplicate() {
    changed = true;
    duplicates++;
  }

  void countAccepted(long position) {
    changed = true;
    accepted++;
    if (position >= 0) {
      flags |= POSITIONS;
      lastPosition = position;
    } else {
      flags |= NO_POSITIONS;
    }
  }

  void countRetracted() {
    changed = true;
    retracted++;
  }

  void pending(int entries) {
    changed = true;
    pending = entries;
  }

  /** Returns whether keys are projected by the columns of the adopted anchor set. */
  public boolean isProjected() {
    return (flags & PROJECTED) != 0;
  }

  /**
   * Begins to keep projected keys. The state size stays, and the cut size is that of the head for
   * such keys, or the largest if that does not fit.
   *
   * @param version version of the anchor set with the projection
   * @param columns length of projected keys
   * @param headCut cut size of the head; 0 to let the layout choose
   */
  void project(int version, int columns, int headCut) {
    changed = true;
    flags |= PROJECTED;
    anchorsVersion = version;
    keyDim = columns;
    boolean fits = StateLayout.complaint(keyDim, valueDim, stateSize, headCut, room()).isEmpty();
    cutSize = StateLayout.of(keyDim, valueDim, stateSize, fits ? headCut : 0, room()).cutSize();
    layout = null;
  }

  /** Returns an independent copy. */
  Header copy() {
    return fromByteArray(toByteArray());
  }

  /** Adopts the sizes of a new sequence of the head. */
  void adoptSizes(HeadSpec spec) {
    changed = true;
    StateLayout sizes = spec.layout();
    stateSize = spec.stateSize();
    cutSize = sizes.cutSize();
    queryReserve = sizes.queryBytes();
    layout = null;
  }

  void leaveExactMode(int familyId) {
    changed = true;
    flags |= LEFT_EXACT_MODE;
    family = familyId;
  }

  /** Returns the bytes of the sketch of tokens; 0 while the sequence is exact. */
  int sketchBytes() {
    return sketchBytes;
  }

  void sketchBytes(int bytes) {
    changed = true;
    sketchBytes = bytes;
  }

  /** Returns the bytes of the sketch of queries; 0 if the sequence remembers no queries. */
  public int queryBytes() {
    return queryBytes;
  }

  void queryBytes(int bytes) {
    changed = true;
    queryBytes = bytes;
  }

  /** Returns whether a query has closed the sequence for tokens. */
  public boolean isClosed() {
    return (flags & CLOSED) != 0;
  }

  void close() {
    changed = true;
    flags |= CLOSED;
  }

  /** Returns where the tokens come from. */
  public TokenOrigin origin() {
    return origin;
  }

  void origin(TokenOrigin from) {
    changed = true;
    origin = from;
  }

  /** Returns whether the sequence is marked as lacking tokens, whatever its origin. */
  public boolean isIncomplete() {
    return (flags & INCOMPLETE) != 0;
  }

  void markIncomplete() {
    changed = true;
    flags |= INCOMPLETE;
  }

  /** Returns the header of a new sequence that takes this one's place. */
  Header forgotten(HeadSpec spec) {
    Header fresh = of(spec);
    fresh.changed = true;
    return fresh;
  }

  /** Returns whether the header has changed since it was read or written. */
  boolean isChanged() {
    return changed;
  }

  /** Notes that the store has the header as it is. */
  void saved() {
    changed = false;
  }

  /** Returns the header's bytes. */
  public byte[] toByteArray() {
    boolean isVersion3 = flags < BIASES;
    WireWriter out = new WireWriter(isVersion3 ? BYTES_OF_VERSION_3 : BYTES);
    out.putByte(isVersion3 ? 3 : VERSION);
    out.putByte(flags);
    out.putShort(keyDim);
    out.putShort(valueDim);
    out.putShort(family);
    out.putInt(stateSize);
    out.putInt(cutSize);
    out.putInt(pending);
    out.putInt(sketchBytes);
    out.putLong(accepted);
    out.putLong(retracted);
    out.putLong(lastPosition);
    out.putLong(duplicates);
    out.putInt(anchorsVersion);
    out.putInt(queryReserve);
    out.putInt(queryBytes);
    out.putInt(origin.partition());
    out.putShort(origin.generation());
    out.putLong(origin.since());
    if (!isVersion3) {
      out.putLong(clock);
      out.putLong(decay.byTokens() ? -decay.halfLife() : decay.halfLife());
    }
    return out.toByteArray();
  }

  /**
   * Reads the bytes that {@link #toByteArray()} wrote.
   *
   * @throws CorruptSketchException if the bytes are not a header
   */
  public static Header fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    int version = in.getByte();
    if (version != 3 && version != VERSION) {
      throw new CorruptSketchException("header version " + version + " is not known");
    }
    int flags = in.getByte();
    int keyDim = in.getShort();
    int valueDim = in.getShort();
    int family = in.getShort();
    Header header = new Header(keyDim, valueDim, in.getInt(), in.getInt());
    header.family = family;
    header.flags = flags;
    header.pending = in.getInt("pending", 0, Integer.MAX_VALUE);
    header.sketchBytes = in.getInt("sketch bytes", 0, Integer.MAX_VALUE);
    header.accepted = in.getLong();
    header.retracted = in.getLong();
    header.lastPosition = in.getLong();
    header.duplicates = in.getLong();
    header.anchorsVersion = in.getInt();
    header.queryReserve = in.getInt("bytes for queries", 0, Integer.MAX_VALUE);
    header.queryBytes = in.getInt("bytes of queries", 0, Integer.MAX_VALUE);
    int partition = in.getInt("partition", -1, Integer.MAX_VALUE);
    header.origin = new TokenOrigin(partition, in.getShort(), in.getLong());
    if (version > 3) {
      header.clock = in.getLong();
      long halfLife = in.getLong();
      if (header.clock < 0 || halfLife == Long.MIN_VALUE) {
        throw new CorruptSketchException(
            "clock %d, half-life %d".formatted(header.clock, halfLife));
      }
      header.decay = new Decay(Math.abs(halfLife), halfLife < 0);
    }
    in.expectEnd();
    if (flags >= 2 * PROJECTED || (flags >= BIASES) != (version > 3)) {
      throw new CorruptSketchException(
          "the header has flags that version %d does not know".formatted(version));
    }
    if ((family == 0) != header.isExact() || (header.isClosed() && header.isExact())) {
      throw new CorruptSketchException(
          "family %d contradicts the flags %d".formatted(family, flags));
    }
    if (header.isProjected() && header.anchorsVersion < 1) {
      throw new CorruptSketchException("keys are projected by no anchor set");
    }
    if (header.retracted < 0 || header.accepted < header.retracted) {
      throw new CorruptSketchException(
          "%d tokens accepted, %d retracted".formatted(header.accepted, header.retracted));
    }
    if (keyDim == 0 || valueDim == 0 || header.cutSize == 0) {
      throw new CorruptSketchException("a dimension or the cut size is 0");
    }
    StateLayout.complaint(keyDim, valueDim, header.stateSize, header.cutSize, header.room())
        .ifPresent(
            complaint -> {
              throw new CorruptSketchException("the header's sizes do not fit: " + complaint);
            });
    return header;
  }
}
