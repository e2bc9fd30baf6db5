package dev.onepass.sketch.sequence;

import dev.onepass.sketch.AttentionSketch;
import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.SketchFamilies;
import dev.onepass.sketch.SketchFamily;
import dev.onepass.sketch.SoftmaxSum;
import dev.onepass.sketch.TokenBlock;
import dev.onepass.sketch.ValueRange;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.exact.ExactSketch;

/**
 * The rules of a sequence: which tokens it takes, when it folds them, how it answers.
 *
 * <p>It begins exact: every token waits in the pending block, which may use all bytes. The token
 * that does not fit any more takes it over to its head's family: the sketch is begun from all
 * tokens, whole blocks of the cut size are folded, the rest stays pending. From then on the block
 * is folded whenever it is full. So blocks are cut at multiples of the cut size in accepted tokens,
 * whatever queries, checkpoints or time do, and equal streams make equal bytes.
 *
 * <p>A retraction removes its token where that is still pending, and is a token of weight -1
 * otherwise.
 *
 * <p>One object serves all sequences of a head: the state is wherever the store points.
 */
public final class Sequence {

  /** Position of a token that carries none. */
  public static final long NO_POSITION = -1;

  private final HeadSpec spec;
  private final SequenceStore store;

  /** Sequences of a head over the store's current state. */
  public Sequence(HeadSpec spec, SequenceStore store) {
    this.spec = spec;
    this.store = store;
  }

  /** The stored header, or that of a sequence which has seen nothing; never null. */
  public Header header() {
    Header header = store.header();
    return header == null ? Header.of(spec) : header;
  }

  /**
   * Takes a token. The header is changed but not written: the caller does that, once for all it
   * changes.
   *
   * @param header what {@link #header()} gave
   * @param position at least 0, or {@link #NO_POSITION}
   * @param key finite, of the head's key dimension
   * @param value finite, of the head's value dimension
   */
  public Acceptance accept(Header header, long position, float[] key, float[] value) {
    boolean hasPosition = position != NO_POSITION;
    if (hasPosition && header.isDuplicate(position)) {
      header.countDuplicate();
      return Acceptance.DUPLICATE;
    }
    if (header.keyDim() != key.length || header.valueDim() != value.length) {
      return Acceptance.OTHER_DIMENSIONS;
    }
    if (header.wouldMix(hasPosition)) {
      return Acceptance.MIXED_POSITIONS;
    }
    if (isFull(header)) {
      return Acceptance.FULL;
    }
    header.countAccepted(position);
    append(header, key, value, 1);
    return Acceptance.ACCEPTED;
  }

  /**
   * Takes one token back; not idempotent. The header is changed but not written.
   *
   * @param header what {@link #header()} gave
   * @param key the retracted token's key
   * @param value the retracted token's value
   */
  public Acceptance retract(Header header, float[] key, float[] value) {
    if (header.keyDim() != key.length || header.valueDim() != value.length) {
      return Acceptance.OTHER_DIMENSIONS;
    }
    if (!family(header).canRetract()) {
      return Acceptance.CANNOT_RETRACT;
    }
    if (header.tokens() <= 0) {
      return Acceptance.NOTHING_TO_RETRACT;
    }
    TokenBlock pending = store.pending(header.keyDim(), header.valueDim());
    if (pending.removeNewest(key, value)) {
      store.replacePending(pending);
      header.pending(pending.count());
    } else if (header.isExact()) {
      return Acceptance.NOTHING_TO_RETRACT;
    } else {
      append(header, key, value, -1);
    }
    header.countRetracted();
    return Acceptance.ACCEPTED;
  }

  private boolean isFull(Header header) {
    return header.isExact()
        && spec.family() == ExactFamily.INSTANCE
        && header.pending() >= header.layout().exactTokens();
  }

  private void append(Header header, float[] key, float[] value, float weight) {
    if (isDue(header) && header.isExact() && !canGoOver(header)) {
      // The head's family is another than when the sequence began, and the old bytes do not hold
      // it.
      header.adoptSizes(spec);
    }
    if (!isDue(header)) {
      store.appendPending(key, value, weight);
      header.pending(header.pending() + 1);
      return;
    }
    StateLayout layout = header.layout();
    TokenBlock block = store.pending(header.keyDim(), header.valueDim());
    block.append(key, value, weight);
    AttentionSketch sketch;
    if (header.isExact()) {
      sketch = spec.family().begin(spec.sketchConfig(layout), block);
      header.leaveExactMode(spec.family().id());
    } else {
      sketch = SketchFamilies.heapify(store.sketch());
    }
    int folded = block.count() / layout.cutSize() * layout.cutSize();
    for (int from = 0; from < folded; from += layout.cutSize()) {
      sketch.update(block.slice(from, from + layout.cutSize()));
    }
    byte[] bytes = sketch.toByteArray();
    store.putSketch(bytes);
    header.sketchBytes(bytes.length);
    store.replacePending(block.slice(folded, block.count()));
    header.pending(block.count() - folded);
  }

  /** Whether one token more takes the sequence over, or fills its block. */
  private static boolean isDue(Header header) {
    StateLayout layout = header.layout();
    return header.pending() + 1 >= (header.isExact() ? layout.exactTokens() + 1 : layout.cutSize());
  }

  private boolean canGoOver(Header header) {
    try {
      spec.family().check(spec.sketchConfig(header.layout()));
      return true;
    } catch (IllegalArgumentException tooFewBytes) {
      return false;
    }
  }

  /**
   * Answers over everything accepted so far: the sketch and the pending tokens, combined by
   * log-sum-exp.
   *
   * @param header what {@link #header()} gave
   * @param queries vectors of the sequence's key dimension
   * @return one row per query, or {@link Answers#NONE} if there is no token
   * @throws IllegalArgumentException if the sequence was begun with another key dimension
   */
  public Answers answer(Header header, QueryBlock queries) {
    if (header.tokens() <= 0) {
      return Answers.NONE;
    }
    if (queries.dim() != header.keyDim()) {
      throw new IllegalArgumentException(
          "queries of dimension %d where %d is due".formatted(queries.dim(), header.keyDim()));
    }
    int valueDim = header.valueDim();
    SoftmaxSum sums = new SoftmaxSum(queries.count(), valueDim);
    ValueRange range = new ValueRange(valueDim);
    TokenBlock pending = store.pending(header.keyDim(), valueDim);
    range.include(pending);
    if (header.isExact()) {
      ExactSketch.addTo(sums, queries, pending);
    } else {
      AttentionSketch sketch = SketchFamilies.heapify(store.sketch());
      // What a pending retraction takes back is in the sketch, with the weight the sketch gives it.
      if (pending.retracts()) {
        sketch.update(pending.only(false));
      }
      ExactSketch.addTo(sums, queries, pending.only(true));
      sketch.addTo(sums, queries);
      range.include(sketch.valueRange());
    }
    return answers(header, sums, range);
  }

  private static Answers answers(Header header, SoftmaxSum sums, ValueRange range) {
    int rows = sums.queries();
    float[][] outputs = new float[rows][header.valueDim()];
    float[] error = new float[rows];
    double[] logNormalizer = new double[rows];
    float[] beyondBound = new float[rows];
    for (int q = 0; q < rows; q++) {
      for (int c = 0; c < header.valueDim(); c++) {
        outputs[q][c] = range.clamp(c, sums.output(q, c));
      }
      logNormalizer[q] = finite(sums.logNormalizer(q));
      beyondBound[q] = (float) (sums.beyondBound(q) / header.tokens());
      error[q] = sums.isLost(q) ? 1 : header.isExact() ? 0 : Float.NaN;
    }
    return new Answers(outputs, error, logNormalizer, sums.isBounded() ? beyondBound : null);
  }

  private static double finite(double x) {
    return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, x));
  }

  /** Name of the family that answers: the one the sequence went over to, or will. */
  public String familyName(Header header) {
    return family(header).name();
  }

  private SketchFamily family(Header header) {
    return header.isExact() ? spec.family() : SketchFamilies.byId(header.family());
  }

  /**
   * Drops all tokens. What comes next begins a new sequence, with the head's present dimensions and
   * sizes.
   *
   * @param header what {@link #header()} gave
   * @return the new sequence's header, not written; waiting queries and the timer are still in it
   */
  public Header forget(Header header) {
    store.clearTokens();
    return header.forgetTokens(spec);
  }
}
