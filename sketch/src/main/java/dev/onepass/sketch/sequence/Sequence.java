package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.exact.ExactSketch;
import dev.onepass.sketch.registry.SketchFamilies;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The rules of a sequence: which tokens it takes, when it folds them, how it answers.
 *
 * <p>It begins exact: every token waits in the pending block, which may use all bytes. The token
 * that does not fit any more takes it over to its head's family: the sketch is begun from all
 * tokens, whole blocks of the cut size are folded, the rest stays pending. From then on the block
 * is folded whenever it is full. So blocks are cut at multiples of the cut size in accepted tokens,
 * whatever queries, checkpoints or time do, and equal streams make equal bytes.
 *
 * <p>A retraction removes its token where that is still pending, whatever the family. Otherwise it
 * is a token of weight -1, where the sketch can take back what it has folded.
 *
 * <p>One object serves all sequences of a head: the state is wherever the store points.
 */
public final class Sequence {

  /** Position of a token that carries none. */
  public static final long NO_POSITION = -1;

  private final HeadSpec spec;
  private final SequenceStore store;
  private final AnchorSets anchors;
  private final LongConsumer foldNanos;

  /** Sequences of a head without anchor sets, over the store's current state. */
  public Sequence(HeadSpec spec, SequenceStore store) {
    this(spec, store, AnchorSets.NONE);
  }

  /** Sequences of a head over the store's current state. */
  public Sequence(HeadSpec spec, SequenceStore store, AnchorSets anchors) {
    this(spec, store, anchors, nanos -> {});
  }

  /**
   * Sequences of a head over the store's current state.
   *
   * @param foldNanos told, after each token that had pending ones folded, how long it took to read,
   *     fold and write
   */
  public Sequence(HeadSpec spec, SequenceStore store, AnchorSets anchors, LongConsumer foldNanos) {
    this.spec = spec;
    this.store = store;
    this.anchors = anchors;
    this.foldNanos = foldNanos;
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
    if (header.isClosed()) {
      return Acceptance.CLOSED;
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
    if (header.isClosed()) {
      return Acceptance.CLOSED;
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
    } else if (!family(header)
        .canRetract(config(header), anchors.version(header.anchorsVersion()))) {
      return Acceptance.CANNOT_RETRACT;
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
    long begin = System.nanoTime();
    TokenBlock block = store.pending(header.keyDim(), header.valueDim());
    block.append(key, value, weight);
    int cut = header.layout().cutSize();
    int folded = block.count() / cut * cut;
    AttentionSketch sketch = folded(begun(header, block), header.layout(), block, folded);
    keep(header, sketch, block.slice(folded, block.count()));
    foldNanos.accept(System.nanoTime() - begin);
  }

  /** Folds the first tokens of a block, one cut after the other. */
  private static AttentionSketch folded(
      AttentionSketch sketch, StateLayout layout, TokenBlock block, int count) {
    int cut = layout.cutSize();
    if (count == block.count() && count <= cut) {
      sketch.update(block);
    } else {
      for (int from = 0; from < count; from += cut) {
        sketch.update(block.slice(from, Math.min(count, from + cut)));
      }
    }
    return sketch;
  }

  /** The stored sketch, or an empty one for what is pending. */
  private AttentionSketch begun(Header header, TokenBlock pending) {
    return header.isExact()
        ? spec.family().begin(config(header), pending, anchors)
        : store.sketch(anchors);
  }

  /** A sketch that may change while the stored one stays as it is. */
  private AttentionSketch copy(AttentionSketch sketch) {
    return SketchFamilies.heapify(sketch.toByteArray(), anchors);
  }

  /** Writes a sketch and what is pending beside it. */
  private void keep(Header header, AttentionSketch sketch, TokenBlock rest) {
    if (header.isExact()) {
      header.leaveExactMode(sketch.family().id());
    }
    sketch.settle();
    int bytes = sketch.stateBytes();
    if (bytes + header.queryBytes() > header.layout().sketchBytes()) {
      // Options have changed since the queries were remembered, and the sketch takes their bytes.
      store.clearQueries();
      header.queryBytes(0);
    }
    store.putSketch(sketch);
    header.sketchBytes(bytes);
    header.anchorsVersion(sketch.anchorsVersion());
    store.replacePending(rest);
    header.pending(rest.count());
  }

  /** The head's settings with the dimensions and sizes that the sequence began with. */
  private SketchConfig config(Header header) {
    return new SketchConfig(
        header.keyDim(),
        header.valueDim(),
        header.layout().sketchBytes(),
        spec.seed(),
        spec.parameters());
  }

  /** Whether one token more takes the sequence over, or fills its block. */
  private static boolean isDue(Header header) {
    StateLayout layout = header.layout();
    return header.pending() + 1 >= (header.isExact() ? layout.exactTokens() + 1 : layout.cutSize());
  }

  private boolean canGoOver(Header header) {
    return spec.family().complaint(config(header)).isEmpty();
  }

  /**
   * What must be worked out before queries can be answered at once; empty if nothing.
   *
   * @param header what {@link #header()} gave
   */
  public Optional<Preparation> preparation(Header header) {
    if (header.tokens() <= 0 || header.isExact()) {
      return Optional.empty();
    }
    return answering(store.pending(header.keyDim(), header.valueDim())).preparation();
  }

  /**
   * What must be worked out before the next token, or retraction, can be taken at once; empty if
   * nothing. Only a token that has others folded ever needs anything: before all others this is a
   * few comparisons.
   *
   * @param header what {@link #header()} gave
   */
  public Optional<Preparation> foldPreparation(Header header) {
    if (!isDue(header)) {
      return Optional.empty();
    }
    SketchFamily family = family(header);
    if (!family.usesAnchors()) {
      return Optional.empty();
    }
    SketchConfig config =
        header.isExact() && !canGoOver(header) ? spec.sketchConfig(spec.layout()) : config(header);
    return (header.isExact() ? anchors.current() : anchors.version(header.anchorsVersion()))
        .filter(set -> !family.isPrepared(config, set))
        .map(set -> new FoldPreparation(family, config, set));
  }

  /** The work that comes before folding tokens of a family over a set. */
  private record FoldPreparation(SketchFamily family, SketchConfig config, AnchorSet set)
      implements Preparation {
    @Override
    public void run() throws InterruptedException {
      family.prepare(config, set);
    }

    @Override
    public Object key() {
      return this;
    }
  }

  /** The stored sketch, with what pending retractions take back. */
  private AttentionSketch answering(TokenBlock pending) {
    AttentionSketch sketch = store.sketch(anchors);
    if (!pending.retracts()) {
      return sketch;
    }
    // What a pending retraction takes back is in the sketch, with the weight the sketch gives it.
    AttentionSketch copy = store.sketchWithoutRetracted();
    if (copy == null) {
      copy = copy(sketch);
      copy.update(pending.only(false));
      store.keepSketchWithoutRetracted(copy);
    }
    return copy;
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
    return part(header, queries).answers();
  }

  /**
   * What this sequence has to say to queries, as one part of a larger sequence: its own sums, which
   * add up with those of the other parts.
   *
   * @param header what {@link #header()} gave
   * @param queries vectors of the sequence's key dimension
   * @throws IllegalArgumentException if the sequence was begun with another key dimension
   */
  public SequencePart part(Header header, QueryBlock queries) {
    if (header.tokens() <= 0) {
      return part(header);
    }
    if (queries.dim() != header.keyDim()) {
      throw new IllegalArgumentException(
          "queries of dimension %d where %d is due".formatted(queries.dim(), header.keyDim()));
    }
    TokenBlock pending = store.pending(header.keyDim(), header.valueDim());
    AttentionSketch sketch = header.isExact() ? null : answering(pending);
    return part(header, queries, pending, sketch);
  }

  /** The numbers of this sequence, as one part of a larger sequence, without any answer. */
  public SequencePart part(Header header) {
    return new SequencePart(SequenceCounts.of(header, familyName(header)), null, null);
  }

  /**
   * @param pending tokens beside the sketch; retractions among them are in the sketch
   */
  private SequencePart part(
      Header header, QueryBlock queries, TokenBlock pending, AttentionSketch sketch) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), header.valueDim());
    ValueRange range = new ValueRange(header.valueDim());
    range.include(pending);
    if (sketch == null) {
      ExactSketch.addTo(sums, queries, pending);
    } else {
      ExactSketch.addTo(sums, queries, pending.only(true));
      sketch.addTo(sums, queries);
      range.include(sketch.valueRange());
    }
    return new SequencePart(SequenceCounts.of(header, familyName(header)), sums, range);
  }

  /**
   * Answers like {@link #answer}, and lets a family that remembers queries do so: each vector is a
   * row, numbered in the order of the calls ({@link Answers#firstRow}). Where the family's form
   * asks for it, the first query ends the sequence's tokens: everything is folded then. The header
   * is changed but not written.
   *
   * @param header what {@link #header()} gave
   * @param queries vectors of the sequence's key dimension
   * @return one row per query, or {@link Answers#NONE} if there is no token
   * @throws IllegalArgumentException if the sequence was begun with another key dimension
   */
  public Answers answerAndRemember(Header header, QueryBlock queries) {
    if (header.tokens() <= 0) {
      return Answers.NONE;
    }
    QuerySketch remembered = remembered(header);
    if (remembered == null) {
      return answer(header, queries);
    }
    if (remembered.closesTokens()) {
      return closeAndRemember(header, queries, remembered);
    }
    Answers answers = answer(header, queries);
    long row = remembered.nextRow();
    remembered.add(row, queries, answers.outputs(), null);
    keep(header, remembered);
    return answers.rememberedFrom(row);
  }

  private Answers closeAndRemember(Header header, QueryBlock queries, QuerySketch remembered) {
    TokenBlock pending = store.pending(header.keyDim(), header.valueDim());
    AttentionSketch begun = begun(header, pending);
    if (pending.count() > 0) {
      begun = copy(begun);
    }
    AttentionSketch tokens = folded(begun, header.layout(), pending, pending.count());
    long row = remembered.nextRow();
    try {
      remembered.add(row, queries, new float[0][], tokens);
    } catch (IncompatibleSketchException otherTerms) {
      // The tokens were folded under other options than the job has now: answered, not remembered.
      return answer(header, queries);
    }
    TokenBlock nothing = pending.slice(0, 0);
    if (!header.isClosed()) {
      keep(header, tokens, nothing);
      header.close();
    }
    keep(header, remembered);
    return part(header, queries, nothing, tokens).answers().rememberedFrom(row);
  }

  private void keep(Header header, QuerySketch remembered) {
    byte[] bytes = remembered.toByteArray();
    store.putQueries(bytes);
    header.queryBytes(bytes.length);
  }

  /** What is remembered of queries, empty at the first; null where nothing is. */
  private QuerySketch remembered(Header header) {
    if (header.queryBytes() > 0) {
      return SketchFamilies.heapifyQueries(store.queries());
    }
    QuerySide side = querySide(header).orElse(null);
    return side != null && fits(header, side) ? side.begin() : null;
  }

  /**
   * Whether there is room: a sequence that was begun under other options may have none to spare.
   */
  private static boolean fits(Header header, QuerySide side) {
    StateLayout layout = header.layout();
    if (header.isExact()) {
      return side.closesTokens() || layout.queryBytes() >= side.maxBytes();
    }
    return header.sketchBytes() + side.maxBytes() <= layout.sketchBytes();
  }

  private Optional<QuerySide> querySide(Header header) {
    return family(header).querySide(config(header));
  }

  /** Whether the sequence's family can recover outputs of past queries. */
  public boolean canRecover(Header header) {
    return header.queryBytes() > 0 || querySide(header).isPresent();
  }

  /**
   * Recovers the large entries of every column of the matrix of all answers, one row a query.
   *
   * @param header what {@link #header()} gave
   * @param k sparsity, or 0 for the largest there is
   * @return no rows and no columns if no query was remembered
   * @throws dev.onepass.sketch.api.RecoveryRefusedException if k is larger than the sketch was made
   *     for, or if there are too many rows to search for it
   */
  public Recovery recover(Header header, int k) {
    if (header.queryBytes() == 0) {
      return new Recovery(0, List.of());
    }
    QuerySketch queries = SketchFamilies.heapifyQueries(store.queries());
    AttentionSketch tokens = queries.closesTokens() ? store.sketch(anchors) : null;
    return queries.recover(tokens, k == 0 ? queries.largestK() : k);
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
    store.clearContent();
    return header.forgetTokens(spec);
  }
}
