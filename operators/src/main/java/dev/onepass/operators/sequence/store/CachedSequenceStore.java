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
 * Stores the state of the current key's sequence, with a cache on the heap of the sequences used
 * last. Header, newest tokens and sketch are written to the state backend before each checkpoint,
 * and when other sequences need the room. So a token costs the backend nothing, and a sketch that
 * is folded a hundred times between two checkpoints is serialized and written once.
 *
 * <p>Writing before a checkpoint blocks the stream. So a sketch is written at once if it is
 * predicted to stay the same until the next checkpoint. The pending tokens of a sequence are
 * written with the first token that comes when a checkpoint is due soon. The checkpoint then has to
 * write the headers, the very last tokens, and the sketches whose prediction was wrong. Between
 * checkpoints, the states of one sequence in the backend may be of different times; they are not
 * read.
 *
 * <p>The bytes that are written do not depend on when: each token is one element, as if it had been
 * appended at once.
 */
public final class CachedSequenceStore implements SequenceStore {
  private final ManagedSequenceStore stored;
  private final KeyContext keys;
  private final long maxBytes;
  private final CheckpointRhythm rhythm = new CheckpointRhythm();

  /** The entries used last are at the end. */
  private final Map<SequenceKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  /** Upper estimate of the bytes on the heap. */
  private long bytes;

  private Object currentKey;
  private Entry current;

  /**
   * Creates a cache over the states of an operator.
   *
   * @param stored the states
   * @param keys sets the key whose state is read and written
   * @param maxBytes largest size on the heap, without the sequence of the newest turn
   */
  public CachedSequenceStore(ManagedSequenceStore stored, KeyContext keys, long maxBytes) {
    this.stored = stored;
    this.keys = keys;
    this.maxBytes = maxBytes;
  }

  /**
   * Writes the state for a checkpoint.
   *
   * @param triggered when the checkpoint was triggered, in milliseconds
   */
  public void writeFor(long triggered) {
    rhythm.checkpoint(triggered, System.nanoTime());
    writeBack();
  }

  /** Writes all changes that the state backend does not have yet. */
  public void writeBack() {
    Object before = keys.getCurrentKey();
    entries.values().forEach(this::write);
    returnTo(before);
  }

  /** Returns the current key's entry; reads the stored state if there is none. */
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
    // On every token: does not measure the whole entry.
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

  /** The part of one sequence that is on the heap. */
  private static final class Entry {
    /** Bytes of the entry itself, its key and header, and their place in the map. */
    private static final int OVERHEAD = 512;

    private final SequenceKey key;
    private final PendingTokens pending;
    private Header header;
    private Lifetime lifetime;
    private boolean headerChanged;

    private AttentionSketch sketch;
    private boolean sketchChanged;

    /** The sketch that answers while retractions are pending; null if there is none. */
    private AttentionSketch withoutRetracted;

    /** When the sketch was put, in nanoseconds; 0 for never. */
    private long put;

    /** Number of the checkpoint after which the sketch was predicted to stay; 0 for none. */
    private long foreseenAfter;

    /** Number of the checkpoint after which pending tokens were written early; 0 for none. */
    private long settledAfter;

    private long bytes;

    Entry(SequenceKey key, SequenceRecord stored) {
      this.key = key;
      // The heap backend returns the same object that its snapshots write.
      header = stored == null ? null : stored.copy().header();
      lifetime = stored == null ? Lifetime.UNLIMITED : stored.lifetime();
      pending = new PendingTokens(header != null && header.pending() > 0);
    }

    boolean isChanged() {
      return headerChanged || pending.isChanged() || sketchChanged;
    }

    /**
     * Returns whether the sketch, which was just put, is predicted to be the same at the next
     * checkpoint. The next put is expected to take a little longer than this one did.
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
        // The next token does not need them, and a sequence without a sketch may have many.
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
