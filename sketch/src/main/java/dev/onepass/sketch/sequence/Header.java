package dev.onepass.sketch.sequence;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The few numbers of a sequence that every record needs. What was decided when the sequence began
 * (cut size, state size, dimensions) stands here, so that new option values hold for new sequences
 * only.
 *
 * <p>Bytes, version 2, little-endian:
 *
 * <pre>
 *   0  version (i1)    1  flags (i1)      2  key dim (i2)      4  value dim (i2)   6  family (i2)
 *   8  state size (i4) 12 cut size (i4)  16  pending (i4)     20  sketch bytes (i4)
 *  24  accepted (i8)   32 retracted (i8) 40  last position (i8)
 *  48  duplicates (i8) 56 last seen (i8) 64  expiry timer (i8)
 *  72  next as-of (i8) 80 waiting (i4)   84  anchors version (i4)
 *  88  bytes kept free for queries (i4)  92  bytes of the sketch of queries (i4)
 *  96  partition of the tokens (i4)     100  its generation (i2)               102  since (i8)
 * </pre>
 *
 * Version 1 ends before the partition, which is unknown then. Family: id of the sketch's family, 0
 * while the sequence is exact. Flags: 1 tokens carry positions, 2 tokens carry none, 4 the sequence
 * has left exact mode, 8 queries have closed it for tokens, 16 it lacks tokens, for good (since
 * version 2).
 */
public final class Header {

  /** Bytes of a header. */
  public static final int BYTES = 110;

  /** Version written; every released one stays readable. */
  public static final int VERSION = 2;

  /** Bytes of a header of version 1. */
  static final int BYTES_OF_VERSION_1 = 96;

  private static final int POSITIONS = 1;
  private static final int NO_POSITIONS = 2;
  private static final int LEFT_EXACT_MODE = 4;
  private static final int CLOSED = 8;
  private static final int INCOMPLETE = 16;

  private final int keyDim;
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
  private long lastSeen;
  private long expiryTimer;
  private long nextAsOf = Long.MAX_VALUE;
  private int waiting;
  private int anchorsVersion;
  private int queryReserve;
  private int queryBytes;
  private TokenOrigin origin = TokenOrigin.UNKNOWN;

  private Header(int keyDim, int valueDim, int stateSize, int cutSize) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.stateSize = stateSize;
    this.cutSize = cutSize;
  }

  /** The header of a sequence that has seen nothing. */
  public static Header of(HeadSpec spec) {
    Header header = new Header(spec.keyDim(), spec.valueDim(), 0, 0);
    header.adoptSizes(spec);
    return header;
  }

  /** The layout this sequence began with. */
  public StateLayout layout() {
    return StateLayout.of(keyDim, valueDim, stateSize, cutSize).withQueryBytes(queryReserve);
  }

  /** Length of keys. */
  public int keyDim() {
    return keyDim;
  }

  /** Length of values. */
  public int valueDim() {
    return valueDim;
  }

  /** Tokens in the sequence: accepted ones less retracted ones. */
  public long tokens() {
    return accepted - retracted;
  }

  /** Tokens accepted, whether or not they were retracted later. */
  public long accepted() {
    return accepted;
  }

  /** Position of the newest token, or -1 if there is none. */
  public long lastPosition() {
    return lastPosition;
  }

  /** Tokens dropped because their position was not above the last one. */
  public long duplicates() {
    return duplicates;
  }

  /** Whether all tokens are kept, so that answers are exact. */
  public boolean isExact() {
    return (flags & LEFT_EXACT_MODE) == 0;
  }

  /** Id of the family that holds what is not pending; 0 while the sequence is exact. */
  public int family() {
    return family;
  }

  /** Whether the sequence holds nothing, awaits nothing and remembers nothing. */
  public boolean isBlank() {
    return accepted == 0
        && duplicates == 0
        && waiting == 0
        && expiryTimer == 0
        && !origin.isKnown();
  }

  /** Entries in the pending block. */
  public int pending() {
    return pending;
  }

  /** Bytes of header, pending block and sketches as they are stored. */
  public long stateBytes() {
    return BYTES + (long) pending * layout().tokenBytes() + sketchBytes + queryBytes;
  }

  /** Version of the anchor set the sequence adopted; 0 if none. */
  public int anchorsVersion() {
    return anchorsVersion;
  }

  void anchorsVersion(int version) {
    anchorsVersion = version;
  }

  /** Processing time of the newest token in epoch milliseconds; 0 where sequences do not expire. */
  public long lastSeen() {
    return lastSeen;
  }

  /** Sets {@link #lastSeen()}. */
  public void lastSeen(long millis) {
    lastSeen = millis;
  }

  /** Time of the pending expiry timer in epoch milliseconds; 0 if there is none. */
  public long expiryTimer() {
    return expiryTimer;
  }

  /** Sets {@link #expiryTimer()}. */
  public void expiryTimer(long millis) {
    expiryTimer = millis;
  }

  /** Queries that wait for tokens. */
  public int waiting() {
    return waiting;
  }

  /** Smallest token count that a waiting query asks for; {@link Long#MAX_VALUE} if none waits. */
  public long nextAsOf() {
    return nextAsOf;
  }

  /** Sets how many queries wait and the smallest token count they ask for. */
  public void waiting(int queries, long smallestAsOf) {
    waiting = queries;
    nextAsOf = queries == 0 ? Long.MAX_VALUE : smallestAsOf;
  }

  /** Whether a token with (or without) a position would mix the two kinds. */
  boolean wouldMix(boolean hasPosition) {
    return (flags & (hasPosition ? NO_POSITIONS : POSITIONS)) != 0;
  }

  boolean isDuplicate(long position) {
    return position <= lastPosition;
  }

  void countDuplicate() {
    duplicates++;
  }

  void countAccepted(long position) {
    accepted++;
    if (position >= 0) {
      flags |= POSITIONS;
      lastPosition = position;
    } else {
      flags |= NO_POSITIONS;
    }
  }

  void countRetracted() {
    retracted++;
  }

  void pending(int entries) {
    pending = entries;
  }

  /** Takes the sizes that a new sequence of the head would have. */
  void adoptSizes(HeadSpec spec) {
    StateLayout layout = spec.layout();
    stateSize = spec.stateSize();
    cutSize = layout.cutSize();
    queryReserve = layout.queryBytes();
  }

  void leaveExactMode(int familyId) {
    flags |= LEFT_EXACT_MODE;
    family = familyId;
  }

  /** Bytes of the sketch of tokens; 0 while the sequence is exact. */
  int sketchBytes() {
    return sketchBytes;
  }

  void sketchBytes(int bytes) {
    sketchBytes = bytes;
  }

  /** Bytes of what the sequence remembers of queries; 0 if it remembers none. */
  public int queryBytes() {
    return queryBytes;
  }

  void queryBytes(int bytes) {
    queryBytes = bytes;
  }

  /** Whether a query has ended the sequence's tokens. */
  public boolean isClosed() {
    return (flags & CLOSED) != 0;
  }

  void close() {
    flags |= CLOSED;
  }

  /** Where the tokens come from. */
  public TokenOrigin origin() {
    return origin;
  }

  /** Sets {@link #origin()}. */
  public void origin(TokenOrigin from) {
    origin = from;
  }

  /** Whether the sequence lacked tokens when its origin was still another. */
  public boolean isIncomplete() {
    return (flags & INCOMPLETE) != 0;
  }

  /** Notes that the sequence lacks tokens, whatever its origin will be; it holds until a forget. */
  public void markIncomplete() {
    flags |= INCOMPLETE;
  }

  /** A new sequence's header; the waiting queries and the timer stay. */
  Header forgetTokens(HeadSpec spec) {
    Header fresh = of(spec);
    fresh.waiting(waiting, nextAsOf);
    fresh.expiryTimer = expiryTimer;
    return fresh;
  }

  /** The header's bytes. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(BYTES);
    out.putByte(VERSION);
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
    out.putLong(lastSeen);
    out.putLong(expiryTimer);
    out.putLong(nextAsOf);
    out.putInt(waiting);
    out.putInt(anchorsVersion);
    out.putInt(queryReserve);
    out.putInt(queryBytes);
    out.putInt(origin.partition());
    out.putShort(origin.generation());
    out.putLong(origin.since());
    return out.toByteArray();
  }

  /**
   * Returns how many bytes a header takes.
   *
   * @param version the first of them, from 0 to 255
   * @throws CorruptSketchException if there is no such version
   */
  public static int bytes(int version) {
    return switch (version) {
      case 1 -> BYTES_OF_VERSION_1;
      case VERSION -> BYTES;
      default -> throw new CorruptSketchException("header version " + version + " is not known");
    };
  }

  /**
   * Reads what {@link #toByteArray()} wrote, in this version or an older one.
   *
   * @throws CorruptSketchException if the bytes are no header
   */
  public static Header fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    int version = in.getByte();
    bytes(version);
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
    header.lastSeen = in.getLong();
    header.expiryTimer = in.getLong();
    header.nextAsOf = in.getLong();
    header.waiting = in.getInt("waiting", 0, Integer.MAX_VALUE);
    header.anchorsVersion = in.getInt();
    header.queryReserve = in.getInt("bytes for queries", 0, Integer.MAX_VALUE);
    header.queryBytes = in.getInt("bytes of queries", 0, Integer.MAX_VALUE);
    if (version > 1) {
      int partition = in.getInt("partition", -1, Integer.MAX_VALUE);
      header.origin = new TokenOrigin(partition, in.getShort(), in.getLong());
    }
    in.expectEnd();
    if (flags >= (version == 1 ? INCOMPLETE : 2 * INCOMPLETE)) {
      throw new CorruptSketchException(
          "the header has bits that version %d does not know".formatted(version));
    }
    if ((family == 0) != header.isExact() || header.isClosed() && header.isExact()) {
      throw new CorruptSketchException("family " + family + " does not go with the flags");
    }
    if (header.retracted < 0 || header.accepted < header.retracted) {
      throw new CorruptSketchException(
          "%d tokens accepted, %d retracted".formatted(header.accepted, header.retracted));
    }
    if (keyDim == 0 || valueDim == 0 || header.cutSize == 0) {
      throw new CorruptSketchException("a dimension or the cut size is 0");
    }
    try {
      header.layout();
    } catch (IllegalArgumentException e) {
      throw new CorruptSketchException("the header's sizes do not go together: " + e.getMessage());
    }
    return header;
  }
}
