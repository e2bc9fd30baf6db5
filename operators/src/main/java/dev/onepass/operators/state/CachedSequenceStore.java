package dev.onepass.operators.state;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.AttentionSketch;
import dev.onepass.sketch.SketchFamilies;
import dev.onepass.sketch.TokenBlock;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.SequenceStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.KeyContext;

/**
 * The state of the current key's sequence, that of the sequences touched last on the heap: header,
 * newest tokens and sketch are written to the state backend before each checkpoint, and when other
 * sequences need the room. So a token costs the backend nothing, and a sketch that is folded a
 * hundred times between two checkpoints is made bytes and written once.
 *
 * <p>What a checkpoint has to write first, it holds the stream up for. So a sketch is written at
 * once where it is foreseen to stay as it is until the next checkpoint, which then finds the newest
 * tokens left to write, and the sketches that it comes sooner or later for than expected. In
 * between, states of one sequence in the backend may be of different times; nobody reads them.
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

  /** Bytes on the heap, estimated from above. */
  public long bytes() {
    return bytes;
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

  @Override
  public TokenBlock pending(int keyDim, int valueDim) {
    Entry entry = entry();
    if (entry.hasFresh() && entry.rest == null && !entry.isAppending()) {
      return entry.fresh;
    }
    TokenBlock block =
        entry.isAppending()
            ? stored.pending(keyDim, valueDim)
            : new TokenBlock(keyDim, valueDim, 1);
    if (entry.rest != null) {
      block.append(entry.rest);
    }
    if (entry.hasFresh()) {
      block.append(entry.fresh);
    }
    return block;
  }

  @Override
  public void appendPending(float[] key, float[] value, float weight) {
    Entry entry = entry();
    long before = Entry.bytes(entry.fresh);
    if (entry.fresh == null) {
      entry.fresh = new TokenBlock(key.length, value.length, Entry.FIRST_TOKENS);
    }
    entry.fresh.append(key, value, weight);
    // Once a token: all that is the sequence's is not measured anew.
    grow(entry, Entry.bytes(entry.fresh) - before);
  }

  @Override
  public void replacePending(TokenBlock block) {
    Entry entry = entry();
    entry.replaced = entry.hasStored;
    entry.rest = block.count() == 0 ? null : block;
    if (entry.fresh != null && entry.rest == null) {
      // The next tokens will be as many.
      entry.fresh.clear();
    } else {
      entry.fresh = null;
    }
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
    if (entry.isForeseenToStay(rhythm, System.nanoTime()) && rhythm.isTrusted()) {
      entry.writeSketch(stored);
    }
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

  /** The queries that wait, in the order of arrival. */
  public List<WaitingQuery> waiting() {
    return stored.waiting();
  }

  /** Adds a query to those that wait. */
  public void addWaiting(WaitingQuery query) {
    stored.addWaiting(query);
  }

  /** Replaces the queries that wait. */
  public void replaceWaiting(List<WaitingQuery> queries) {
    stored.replaceWaiting(queries);
  }

  /** One sequence, as far as it is on the heap. */
  private static final class Entry {
    private static final int FIRST_TOKENS = 1;

    /** The entry itself, its key and header, and their place in the map. */
    private static final int OVERHEAD = 512;

    private final SequenceKey key;
    private Header header;
    private boolean headerChanged;

    /** Whether the backend has pending tokens, and whether they are out of date. */
    private boolean hasStored;

    private boolean replaced;

    /** What replaced the stored tokens, one element; null for nothing. */
    private TokenBlock rest;

    /** What came after all that, an element each; null or empty for nothing. */
    private TokenBlock fresh;

    private AttentionSketch sketch;
    private boolean sketchChanged;

    /** When the sketch was put, in nanoseconds; 0 for never. */
    private long put;

    /** The checkpoint, by number, after which the sketch was foreseen to stay; 0 for none. */
    private long foreseenAfter;

    private long bytes;

    Entry(SequenceKey key, Header stored) {
      this.key = key;
      // The heap backend hands out the very object that its snapshots write.
      header = stored == null ? null : HeaderSerializer.INSTANCE.copy(stored);
      hasStored = header != null && header.pending() > 0;
    }

    boolean isAppending() {
      return hasStored && !replaced;
    }

    boolean isChanged() {
      return headerChanged || replaced || rest != null || hasFresh() || sketchChanged;
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

    boolean hasFresh() {
      return fresh != null && fresh.count() > 0;
    }

    void writeTo(ManagedSequenceStore store) {
      if (headerChanged) {
        store.putHeader(header == null ? null : HeaderSerializer.INSTANCE.copy(header));
      }
      List<byte[]> chunks = new ArrayList<>();
      if (rest != null) {
        chunks.add(PendingChunk.of(rest, 0, rest.count()));
      }
      for (int j = 0; fresh != null && j < fresh.count(); j++) {
        chunks.add(PendingChunk.of(fresh, j, j + 1));
      }
      if (replaced) {
        store.replacePending(chunks);
      } else {
        store.appendPending(chunks);
      }
      if (sketchChanged) {
        writeSketch(store);
      }
      headerChanged = false;
      hasStored = isAppending() || !chunks.isEmpty();
      replaced = false;
      rest = null;
      fresh = null;
    }

    void dropContent() {
      hasStored = false;
      replaced = false;
      rest = null;
      fresh = null;
      sketch = null;
      sketchChanged = false;
    }

    long measure() {
      return OVERHEAD
          + 2L * (key.head().length() + key.sequence().length())
          + bytes(rest)
          + bytes(fresh)
          + (sketch == null ? 0 : sketch.heapBytes());
    }

    private static long bytes(TokenBlock block) {
      return block == null
          ? 0
          : (long) Float.BYTES
              * (block.keys().length + block.values().length + block.weights().length);
    }
  }
}
