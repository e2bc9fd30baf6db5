package dev.onepass.operators.sequence.store;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.SequenceStore;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.streaming.api.operators.KeyContext;

/**
 * The state of the current key's sequence, that of the sequences touched last on the heap: header,
 * newest tokens and sketch are written to the state backend before each checkpoint, and when other
 * sequences need the room. So a token costs the backend nothing, and a sketch that is folded a
 * hundred times between two checkpoints is made bytes and written once.
 *
 * <p>What a checkpoint has to write first, it holds the stream up for. So a sketch is written at
 * once where it is foreseen to stay as it is until the next checkpoint, and the pending tokens of a
 * sequence with the first that comes when a checkpoint is due soon. It then finds left to write the
 * headers, the very last tokens, and the sketches that it comes sooner or later for than expected.
 * In between, states of one sequence in the backend may be of different times; nobody reads them.
 *
 * <p>What is written does not depend on when: each token is an element of its own, as if it had
 * been appended at once.
 */
public final class CachedSequenceStore implements SequenceStore {
  private final ManagedSequenceStore stored;
  private final KeyContext keys;
  private final long maxBytes;
  private final CheckpointRhythm rhythm = new CheckpointRhythm();

  /** Those touched last are at the end. */
  private final Map<SequenceKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  /** On the heap, estimated from above. */
  private long bytes;

  private Object currentKey;
  private Entry current;

  /**
   * A cache over the states of an operator.
   *
   * @param stored the states
   * @param keys the operator, which says whose state is touched
   * @param maxBytes on the heap, the newest turn's sequence not counted
   */
  public CachedSequenceStore(ManagedSequenceStore stored, KeyContext keys, long maxBytes) {
    this.stored = stored;
    this.keys = keys;
    this.maxBytes = maxBytes;
  }

  /**
   * Writes what a checkpoint is to have.
   *
   * @param triggered when the checkpoint was begun, in milliseconds
   */
  public void writeFor(long triggered) {
    rhythm.checkpoint(triggered, System.nanoTime());
    writeBack();
  }

  /** Writes everything that the state backend does not have yet. */
  public void writeBack() {
    Object before = keys.getCurrentKey();
    entries.values().forEach(this::write);
    returnTo(before);
  }

  /** The current key's entry, made from what is stored where there is none. */
  private Entry entry() {
    Object key = keys.getCurrentKey();
    if (key != currentKey) {
      if (current != null) {
        // Answering may have made its sketch larger.
        account(current);
      }
      current = entries.get(key);
      if (current == null) {
        current = new Entry((SequenceKey) key, stored.header());
        makeRoom(key);
        entries.put(current.key, current);
        account(current);
      }
      currentKey = key;
    }
    return current;
  }

  private void makeRoom(Object key) {
    if (bytes <= maxBytes) {
      return;
    }
    Iterator<Entry> eldestFirst = entries.values().iterator();
    while (bytes > maxBytes && eldestFirst.hasNext()) {
      Entry eldest = eldestFirst.next();
      write(eldest);
      eldestFirst.remove();
      bytes -= eldest.bytes;
    }
    returnTo(key);
  }

  private void write(Entry entry) {
    if (entry.isChanged()) {
      keys.setCurrentKey(entry.key);
      entry.writeTo(stored);
      account(entry);
    }
  }

  private void returnTo(Object key) {
    if (key != null) {
      keys.setCurrentKey(key);
    }
  }

  private void account(Entry entry) {
    grow(entry, entry.measure() - entry.bytes);
  }

  private void grow(Entry entry, long by) {
    entry.bytes += by;
    bytes += by;
  }

  @Override
  public Header header() {
    return entry().header;
  }

  @Override
  public void putHeader(Header header) {
    Entry entry = entry();
    entry.header = header.isBlank() ? null : header;
    entry.headerChanged = true;
  }

  /** Returns the lifetime of the current key's sequence. */
  public Lifetime lifetime() {
    return entry().lifetime;
  }

  /** Writes the lifetime; it is dropped with a header that says nothing. */
  public void putLifetime(Lifetime lifetime) {
    Entry entry = entry();
    entry.lifetime = lifetime;
    entry.headerChanged = true;
  }

  @Override
  public TokenBlock pending(int keyDim, int valueDim) {
    Entry entry = entry();
    TokenBlock all = entry.pending.all(stored, keyDim, valueDim);
    account(entry);
    return all;
  }

  @Override
  public void appendPending(float[] key, float[] value, float weight) {
    Entry entry = entry();
    if (weight < 0) {
      entry.dropWithoutRetracted();
      account(entry);
    }
    long before = entry.pending.heapBytes();
    entry.pending.append(key, value, weight);
    // Once a token: all that is the sequence's is not measured anew.
    grow(entry, entry.pending.heapBytes() - before);
    if (entry.settledAfter != rhythm.count()
        && rhythm.isTrusted()
        && rhythm.isDueSoon(System.nanoTime())) {
      entry.settledAfter = rhythm.count();
      entry.pending.writeTo(stored);
    }
  }

  @Override
  public void replacePending(TokenBlock block) {
    Entry entry = entry();
    entry.pending.replace(block);
    entry.dropWithoutRetracted();
    account(entry);
  }

  @Override
  public AttentionSketch sketch(AnchorSets anchors) {
    Entry entry = entry();
    if (entry.sketch == null) {
      byte[] bytes = stored.sketch();
      entry.sketch = bytes == null ? null : SketchFamilies.heapify(bytes, anchors);
      account(entry);
    }
    return entry.sketch;
  }

  @Override
  public void putSketch(AttentionSketch sketch) {
    Entry entry = entry();
    entry.sketch = sketch;
    entry.sketchChanged = true;
    entry.dropWithoutRetracted();
    if (entry.isForeseenToStay(rhythm, System.nanoTime()) && rhythm.isTrusted()) {
      entry.writeSketch(stored);
    }
    account(entry);
  }

  @Override
  public AttentionSketch sketchWithoutRetracted() {
    return entry().withoutRetracted;
  }

  @Override
  public void keepSketchWithoutRetracted(AttentionSketch copy) {
    Entry entry = entry();
    entry.withoutRetracted = copy;
    account(entry);
  }

  @Override
  public byte[] queries() {
    return stored.queries();
  }

  @Override
  public void putQueries(byte[] queries) {
    stored.putQueries(queries);
  }

  @Override
  public void clearQueries() {
    stored.clearQueries();
  }

  @Override
  public void clearContent() {
    entry().dropContent();
    account(entry());
    stored.clearContent();
  }

  /** One sequence, as far as it is on the heap. */
  private static final class Entry {
    /** The entry itself, its key and header, and their place in the map. */
    private static final int OVERHEAD = 512;

    private final SequenceKey key;
    private final PendingTokens pending;
    private Header header;
    private Lifetime lifetime;
    private boolean headerChanged;

    private AttentionSketch sketch;
    private boolean sketchChanged;

    /** What answers while retractions are pending; null where it was not made. */
    private AttentionSketch withoutRetracted;

    /** When the sketch was put, in nanoseconds; 0 for never. */
    private long put;

    /** The checkpoint, by number, after which the sketch was foreseen to stay; 0 for none. */
    private long foreseenAfter;

    /** The checkpoint, by number, since which pending tokens were written early; 0 for none. */
    private long settledAfter;

    private long bytes;

    Entry(SequenceKey key, SequenceRecord stored) {
      this.key = key;
      // The heap backend hands out the very object that its snapshots write.
      header = stored == null ? null : stored.copy().header();
      lifetime = stored == null ? Lifetime.UNLIMITED : stored.lifetime();
      pending = new PendingTokens(header != null && header.pending() > 0);
    }

    boolean isChanged() {
      return headerChanged || pending.isChanged() || sketchChanged;
    }

    /**
     * Whether the sketch, which was just put, is foreseen to be the same at the next checkpoint: if
     * that comes before the next put, which takes a little longer than this one did.
     */
    boolean isForeseenToStay(CheckpointRhythm rhythm, long now) {
      if (foreseenAfter == rhythm.count() && foreseenAfter > 0) {
        rhythm.countWrong();
      }
      long untilNextPut = put == 0 ? Long.MAX_VALUE : (now - put) / 8 * 9;
      put = now;
      boolean stays = rhythm.isDueWithin(untilNextPut, now);
      foreseenAfter = stays ? rhythm.count() : 0;
      if (stays) {
        rhythm.countForeseen();
      }
      return stays;
    }

    void writeSketch(ManagedSequenceStore store) {
      store.putSketch(sketch.toByteArray());
      sketchChanged = false;
    }

    void writeTo(ManagedSequenceStore store) {
      if (headerChanged) {
        store.putHeader(header == null ? null : new SequenceRecord(header, lifetime).copy());
      }
      if (pending.isChanged()) {
        pending.writeTo(store);
      }
      if (sketch == null) {
        // The next token needs none of them, and a sequence without a sketch may have many.
        pending.release();
      }
      if (sketchChanged) {
        writeSketch(store);
      }
      headerChanged = false;
    }

    void dropContent() {
      pending.drop();
      sketch = null;
      sketchChanged = false;
      dropWithoutRetracted();
    }

    void dropWithoutRetracted() {
      withoutRetracted = null;
    }

    long measure() {
      return OVERHEAD
          + 2L * (key.head().length() + key.sequence().length())
          + pending.heapBytes()
          + heapBytes(sketch)
          + heapBytes(withoutRetracted);
    }

    private static long heapBytes(AttentionSketch sketch) {
      return sketch == null ? 0 : sketch.heapBytes();
    }
  }
}
