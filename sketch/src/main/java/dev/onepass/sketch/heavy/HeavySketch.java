// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A sketch of any family and, next to it, its heavy keys. The tokens of heavy keys are kept exactly
 * and the inner sketch holds all others, so every token counts once. An answer adds the two by
 * log-sum-exp.
 *
 * <p>The weight of a heavy key in an answer depends on the normalizer of the other tokens. The
 * inner sketch states the normalizer that is right next to exact tokens ({@link
 * AttentionSketch#addWeighed}).
 *
 * <p>Heavy keys take bytes from the inner sketch only as they need them. The room for keys begins
 * at 0 and then is an eighth, a quarter, a half or all of what the share of the bytes holds. Each
 * time it grows, the inner sketch shrinks. There are only five sizes, so that sketches with the
 * same anchors share what is derived from them. A family whose sketches cannot shrink gives all of
 * the share away at the beginning.
 *
 * <p>Bytes behind the preamble, whose family is that of the inner sketch with the bit {@link
 * HeavyFamily#MARK}: bytes at most (i4), bytes of the inner sketch at most (i4), {@link HeavyKeys},
 * the inner sketch with its own preamble.
 */
public final class HeavySketch implements AttentionSketch {

  private static final int OWN_BYTES = 2 * Integer.BYTES;

  private final HeavyFamily family;
  private final int maxBytes;
  private final HeavyKeys keys;
  private final AttentionSketch inner;
  private final AnchorSets anchors;
  private int innerBytes;
  private long tokens;

  HeavySketch(
      HeavyFamily family,
      int maxBytes,
      int innerBytes,
      HeavyKeys keys,
      AttentionSketch inner,
      AnchorSets anchors,
      long tokens) {
    this.family = family;
    this.maxBytes = maxBytes;
    this.innerBytes = innerBytes;
    this.keys = keys;
    this.inner = inner;
    this.anchors = anchors;
    this.tokens = tokens;
  }

  /** Returns the bytes of a sketch next to those of its keys and of the inner sketch. */
  static int overhead() {
    return Preamble.BYTES + OWN_BYTES;
  }

  @Override
  public SketchFamily family() {
    return family;
  }

  @Override
  public int keyDim() {
    return keys.keyDim();
  }

  @Override
  public int valueDim() {
    return keys.valueDim();
  }

  @Override
  public int anchorsVersion() {
    return inner.anchorsVersion();
  }

  /** Returns the heavy keys; not a copy. */
  public HeavyKeys keys() {
    return keys;
  }

  /** Returns the sketch of all other tokens; not a copy. */
  public AttentionSketch inner() {
    return inner;
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    foldOthers(keys.offerWithoutEvicting(block));
    tokens += block.netCount();
  }

  @Override
  public boolean keeps(TokenBlock retraction) {
    return keys.keeps(retraction);
  }

  /** Makes room for the keys, and lets the inner sketch fold what is not kept. */
  private void foldOthers(TokenBlock others) {
    while (keys.isOverfull() && makeRoom(nextRoom())) {}
    others.append(keys.evict());
    if (others.count() > 0) {
      inner.update(others);
    }
  }

  /** Returns the numbers of keys that there is room for in turn. */
  static int[] rooms(int capacity) {
    return IntStream.of(0, 1, 2, 4, 8).map(eighths -> (capacity * eighths + 7) / 8).toArray();
  }

  /** Returns the next larger room; the present one if there is none. */
  private int nextRoom() {
    return Arrays.stream(rooms(keys.capacity()))
        .filter(room -> room > keys.room())
        .findFirst()
        .orElse(keys.room());
  }

  /** Returns whether the room for keys could be made that large. */
  private boolean makeRoom(int room) {
    int left = bytesNextTo(room);
    if (room <= keys.room() || !inner.shrink(left)) {
      return false;
    }
    innerBytes = left;
    keys.room(room);
    return true;
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    if (keys.tokenCount() == 0) {
      inner.addTo(sums, queries);
      return;
    }
    inner.addWeighed(sums, queries);
    keys.addTo(sums, queries);
  }

  @Override
  public void addWeighed(SoftmaxSum sums, QueryBlock queries) {
    inner.addWeighed(sums, queries);
    keys.addTo(sums, queries);
  }

  @Override
  public Optional<Preparation> preparation() {
    return inner.preparation();
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof HeavySketch heavy) || !heavy.family.equals(family)) {
      throw new IncompatibleSketchException(
          "A %s sketch with heavy keys can merge only another one.".formatted(family.name()));
    }
    if (heavy.maxBytes != maxBytes) {
      throw new IncompatibleSketchException(
          "Sketches with heavy keys can be merged only if their bytes are equal.");
    }
    AttentionSketch others = heavy.inner;
    if (heavy.innerBytes > innerBytes) {
      others = heavy.copyOfInner();
      shrinkInSteps(others, heavy.innerBytes, innerBytes);
    } else if (innerBytes > heavy.innerBytes) {
      shrinkInSteps(inner, innerBytes, heavy.innerBytes);
      innerBytes = heavy.innerBytes;
    }
    inner.merge(others);
    foldOthers(keys.mergeWithoutEvicting(heavy.keys));
    tokens += heavy.tokens;
  }

  /** Shrinks a sketch as it shrinks when the room for keys grows, so that sizes agree. */
  private void shrinkInSteps(AttentionSketch sketch, int from, int to) {
    for (int room : rooms(keys.capacity())) {
      int left = bytesNextTo(room);
      if (left < from && left >= to) {
        sketch.shrink(left);
      }
    }
  }

  /** Returns the bytes that room for this many keys leaves to the inner sketch. */
  private int bytesNextTo(int room) {
    return maxBytes - overhead() - keys.bytesFor(room);
  }

  private AttentionSketch copyOfInner() {
    WireReader in = new WireReader(inner.toByteArray());
    return family.inner().heapify(Preamble.read(in), in, anchors);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Sketches of queries know nothing of heavy keys: they get a sketch that has folded them.
   */
  @Override
  public AttentionSketch forQueries() {
    AttentionSketch whole = copyOfInner();
    TokenBlock kept = keys.tokens();
    if (kept.count() > 0) {
      whole.update(kept);
    }
    return whole;
  }

  @Override
  public void settle() {
    keys.settle();
    inner.settle();
  }

  @Override
  public long tokenCount() {
    return tokens;
  }

  @Override
  public ValueRange valueRange() {
    ValueRange range = inner.valueRange();
    range.include(keys.valueRange());
    return range;
  }

  @Override
  public int stateBytes() {
    return overhead() + keys.stateBytes() + inner.stateBytes();
  }

  @Override
  public long heapBytes() {
    // G is in doubles on the heap, and so is its factor.
    return overhead() + 4L * keys.stateBytes() + inner.heapBytes();
  }

  @Override
  public byte[] toByteArray() {
    settle();
    byte[] innerState = inner.toByteArray();
    WireWriter out = new WireWriter(overhead() + keys.stateBytes() + innerState.length);
    new Preamble(family.id(), keyDim(), valueDim(), tokens).write(out);
    out.putInt(maxBytes);
    out.putInt(innerBytes);
    keys.write(out);
    out.putBytes(innerState);
    return out.toByteArray();
  }
}
