// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.RecoveryRefusedException;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.exact.ExactSketch;
import dev.onepass.sketch.wide.ColumnSample;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A handle on one sequence: accepts tokens, folds them when they are due, and answers queries.
 *
 * <p>A sequence begins exact: all tokens are pending, and the pending block may use all bytes. The
 * token that does not fit any more takes the sequence over to its head's family: a sketch is begun
 * from all tokens, whole blocks of the cut size are folded, and the rest stays pending. From then
 * on the block is folded whenever it is full. So blocks are cut at multiples of the cut size in
 * accepted tokens, independent of queries, checkpoints and time, and equal streams produce equal
 * bytes.
 *
 * <p>A head may project wide keys ({@link HeadSpec#wide}). An exact sequence keeps whole keys until
 * a token finds a set with a projection. Its pending keys are projected then, and from then on all
 * keys and queries are projected by the version that the header names. When it leaves exact mode it
 * adopts the current set if that projects in the same way. A sequence that leaves exact mode before
 * its head has a set keeps whole keys, in clusters.
 *
 * <p>A retraction removes its token if that is still pending, whatever the family. Otherwise it is
 * a token of weight -1, if the sketch can take back what it has folded.
 *
 * <p>The handle reads the header when it is opened, and writes it when it is closed, once, if it
 * has changed. Tokens and sketches are written as they change. Close a handle before another one is
 * opened over the same store. Handles are not thread-safe.
 */
@PublicEvolving
public final class Sequence implements AutoCloseable {

  /** Position of a token that carries none. */
  public static final long NO_POSITION = -1;

  /** Time of a retracted token whose time is not known. */
  public static final long NO_TIME = -1;

  private final SequenceState state;
  private final LongConsumer foldNanos;

  private Sequence(SequenceState state, LongConsumer foldNanos) {
    this.state = state;
    this.foldNanos = foldNanos;
  }

  /** Opens the sequence in a store, of a head without anchor sets. */
  public static Sequence open(HeadSpec spec, SequenceStore store) {
    return open(spec, store, AnchorSets.NONE);
  }

  /** Opens the sequence in a store. */
  public static Sequence open(HeadSpec spec, SequenceStore store, AnchorSets anchors) {
    return open(spec, store, anchors, nanos -> {});
  }

  /**
   * Opens the sequence in a store.
   *
   * @param anchors the anchor sets of the head
   * @param foldNanos receives the nanoseconds of each fold: reading, folding and writing
   */
  public static Sequence open(
      HeadSpec spec, SequenceStore store, AnchorSets anchors, LongConsumer foldNanos) {
    return new Sequence(new SequenceState(spec, store, anchors), foldNanos);
  }

  /** Returns the number of accepted tokens minus the retracted ones. */
  public long tokens() {
    return state.header().tokens();
  }

  /**
   * Returns the length of the keys and queries that the sequence takes. A sequence of projected
   * keys takes whole ones.
   *
   * @throws IllegalStateException if the anchor set with the projection is missing
   */
  public int keyDim() {
    return state.keyDim();
  }

  /**
   * Returns whether the anchor set is missing that the sequence has adopted. It takes no tokens and
   * answers no queries then.
   */
  public boolean lacksAnchorSet() {
    return state.lacksAnchorSet();
  }

  /** Returns the sequence's counts and settings. A {@link #forget} replaces them. */
  @Internal
  public Header header() {
    return state.header();
  }

  /**
   * Accepts a token of bias 0 and time 0, or refuses it.
   *
   * @param position at least 0, or {@link #NO_POSITION}
   * @param key finite numbers, as many as the head's key dimension
   * @param value finite numbers, as many as the head's value dimension
   */
  public Acceptance accept(long position, float[] key, float[] value) {
    return accept(position, key, value, 0, 0);
  }

  /**
   * Accepts a token or refuses it.
   *
   * @param position at least 0, or {@link #NO_POSITION}
   * @param key finite numbers, as many as the head's key dimension
   * @param value finite numbers, as many as the head's value dimension
   * @param bias number that is added to the token's logits, at most {@link Token#MAX_BIAS} in size
   * @param time when the token happened, in milliseconds, at least 0; a time before that of the
   *     sequence's newest token counts as that time. A decay by tokens counts tokens itself, and
   *     uses this number only if it is larger. Ignored without decay
   * @throws IllegalArgumentException if the bias is out of range
   */
  public Acceptance accept(long position, float[] key, float[] value, float bias, long time) {
    Header header = state.header();
    boolean hasPosition = position != NO_POSITION;
    if (hasPosition && header.isDuplicate(position)) {
      header.countDuplicate();
      return Acceptance.DUPLICATE;
    }
    if (state.keyDim() != key.length || header.valueDim() != value.length) {
      return Acceptance.OTHER_DIMENSIONS;
    }
    if (header.wouldMix(hasPosition)) {
      return Acceptance.MIXED_POSITIONS;
    }
    if (header.isClosed()) {
      return Acceptance.CLOSED;
    }
    state.projectIfDue();
    if (isFull()) {
      return Acceptance.FULL;
    }
    if (Folds.isDue(header) && Folds.staysExact(state)) {
      return Acceptance.CANNOT_DECAY;
    }
    header.countAccepted(position);
    append(new Token(projected(key), value, 1, bias, header.advance(time)));
    return Acceptance.ACCEPTED;
  }

  /**
   * Takes one token of bias 0 back, or refuses to. Not idempotent.
   *
   * @param key the retracted token's key
   * @param value the retracted token's value
   */
  public Acceptance retract(float[] key, float[] value) {
    return retract(key, value, 0, NO_TIME);
  }

  /**
   * Takes one token back, or refuses to. Not idempotent.
   *
   * @param key the retracted token's key
   * @param value the retracted token's value
   * @param bias the retracted token's bias
   * @param time the retracted token's time, or {@link #NO_TIME}; needed only with decay, and only
   *     if the token is folded
   * @throws IllegalArgumentException if the bias is out of range
   */
  public Acceptance retract(float[] key, float[] value, float bias, long time) {
    Header header = state.header();
    if (state.keyDim() != key.length || header.valueDim() != value.length) {
      return Acceptance.OTHER_DIMENSIONS;
    }
    if (header.isClosed()) {
      return Acceptance.CLOSED;
    }
    if (header.tokens() <= 0) {
      return Acceptance.NOTHING_TO_RETRACT;
    }
    TokenBlock pending = state.pending();
    float[] kept = projected(key);
    if (pending.removeNewest(kept, value, bias)) {
      state.store().replacePending(pending);
      header.pending(pending.count());
    } else if (header.isExact()) {
      return Acceptance.NOTHING_TO_RETRACT;
    } else if (header.decay().isOn() && time == NO_TIME) {
      return header.decay().byTokens() || !familyRetracts()
          ? Acceptance.CANNOT_RETRACT
          : Acceptance.NEEDS_TIME;
    } else {
      Token retraction = new Token(kept, value, -1, bias, Math.min(time, header.clock()));
      if (!familyRetracts() && !keeps(retraction, pending)) {
        return Acceptance.CANNOT_RETRACT;
      }
      append(retraction);
    }
    header.countRetracted();
    return Acceptance.ACCEPTED;
  }

  private boolean familyRetracts() {
    return state
        .family()
        .canRetract(state.config(), state.anchors().version(state.header().anchorsVersion()));
  }

  /**
   * Returns whether the sketch keeps the token exactly, and no pending retraction takes it back.
   */
  private boolean keeps(Token retraction, TokenBlock pending) {
    TokenBlock one = new TokenBlock(pending.keyDim(), pending.valueDim(), 1);
    one.append(retraction);
    return answering(pending).keeps(state.header().decay().weigh(one));
  }

  private float[] projected(float[] key) {
    return state.projection().map(columns -> columns.project(key)).orElse(key);
  }

  private QueryBlock projected(QueryBlock queries) {
    return state.projection().map(columns -> columns.project(queries)).orElse(queries);
  }

  private boolean isFull() {
    Header header = state.header();
    return header.isExact()
        && state.spec().family() == ExactFamily.INSTANCE
        && header.pending() >= header.layout().exactTokens();
  }

  private void append(Token token) {
    Header header = state.header();
    if (Folds.isDue(header)) {
      Folds.adoptSizesIfNeeded(state);
      if (Folds.isDue(header)) {
        long begin = System.nanoTime();
        Folds.fold(state, token);
        foldNanos.accept(System.nanoTime() - begin);
        return;
      }
    }
    state.store().appendPending(token);
    header.pending(header.pending() + 1);
  }

  /** Returns the work that makes the next answers fast; empty if nothing is missing. */
  public Optional<Preparation> preparation() {
    Header header = state.header();
    if (header.tokens() <= 0 || header.isExact()) {
      return Optional.empty();
    }
    return answering(state.pending()).preparation();
  }

  /**
   * Returns the work that the next token or retraction needs; empty if nothing is missing. Only a
   * token that folds others needs any work; before all other tokens this takes a few comparisons.
   */
  public Optional<Preparation> foldPreparation() {
    return Folds.preparation(state);
  }

  /** Returns the stored sketch less the tokens that pending retractions take back. */
  private AttentionSketch answering(TokenBlock pending) {
    AttentionSketch sketch = state.sketch();
    if (!pending.retracts()) {
      return sketch;
    }
    // A retracted token is in the sketch, with the weight that the sketch gives it.
    AttentionSketch copy = state.store().sketchWithoutRetracted();
    if (copy == null) {
      copy = state.copy(sketch);
      copy.update(state.header().decay().weigh(pending.only(false)));
      state.store().keepSketchWithoutRetracted(copy);
    }
    return copy;
  }

  /**
   * Answers queries at the time of the newest token, like {@link #answer(QueryBlock, long)}.
   *
   * @param queries vectors of length {@link #keyDim}
   * @return one row per query vector, or {@link Answers#NONE} if there are no tokens
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  public Answers answer(QueryBlock queries) {
    return answer(queries, 0);
  }

  /**
   * Answers queries over all accepted tokens: the sketch and the pending tokens, combined by
   * log-sum-exp.
   *
   * @param queries vectors of length {@link #keyDim}
   * @param time the time of the queries; a time before that of the newest token counts as that
   *     time. Ignored without decay and with decay by tokens
   * @return one row per query vector, or {@link Answers#NONE} if there are no tokens
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  public Answers answer(QueryBlock queries, long time) {
    return part(queries, time).answers();
  }

  /**
   * Answers queries as one part of a larger sequence: returns sums that add up with those of the
   * other parts.
   *
   * @param queries vectors of length {@link #keyDim}
   * @param time the time of the queries, the same for all parts
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  @Internal
  public SequencePart part(QueryBlock queries, long time) {
    Header header = state.header();
    if (header.tokens() <= 0) {
      return part(null, null, time);
    }
    checkDimension(queries);
    TokenBlock pending = state.pending();
    return part(queries, time, pending, header.isExact() ? null : answering(pending));
  }

  private void checkDimension(QueryBlock queries) {
    if (queries.dim() != state.keyDim()) {
      throw new IllegalArgumentException(
          "Expected query vectors of length %d, got length %d."
              .formatted(state.keyDim(), queries.dim()));
    }
  }

  /** Returns the counts of this sequence as one part of a larger sequence, without answers. */
  @Internal
  public SequencePart part() {
    return part(null, null, 0);
  }

  /** Returns sums relative to the exponent of the time of the answer as one part. */
  private SequencePart part(SoftmaxSum sums, ValueRange range, long asOf) {
    long time = present(asOf);
    Decay decay = state.header().decay();
    long exponent = decay.exponent(time);
    return new SequencePart(
        SequenceCounts.of(state.header(), familyName()),
        sums,
        range,
        exponent,
        decay.logWeight(time, exponent));
  }

  /** Returns the time of an answer, in the unit of the decay. */
  private long present(long asOf) {
    long clock = state.header().clock();
    return state.header().decay().byTokens() ? clock : Math.max(asOf, clock);
  }

  /**
   * @param pending tokens next to the sketch; retractions among them are in the sketch
   */
  private SequencePart part(
      QueryBlock asked, long asOf, TokenBlock pending, AttentionSketch sketch) {
    int valueDim = state.header().valueDim();
    Decay decay = state.header().decay();
    QueryBlock whole = asked.withExponent(decay.exponent(present(asOf)));
    Optional<ColumnSample> columns = state.projection();
    QueryBlock queries = projected(whole);
    SoftmaxSum sums = new SoftmaxSum(queries.count(), valueDim);
    ValueRange range = new ValueRange(valueDim);
    range.include(pending);
    if (sketch == null) {
      ExactSketch.addTo(sums, queries, decay.weigh(pending));
    } else {
      ExactSketch.addTo(sums, queries, decay.weigh(pending.only(true)));
      sketch.addTo(sums, queries);
      range.include(sketch.valueRange());
    }
    columns.ifPresent(sample -> addOffsets(sums, sample, whole));
    return part(sums, range, asOf);
  }

  /** Makes sums of projected keys comparable with those of whole keys and of other projections. */
  private static void addOffsets(SoftmaxSum sums, ColumnSample sample, QueryBlock whole) {
    for (int q = 0; q < whole.count(); q++) {
      sums.shift(q, sample.offset(whole, q));
    }
  }

  /**
   * Answers like {@link #answer}, and remembers the queries if the family does so: each vector is a
   * row, numbered in the order of the calls ({@link Answers#firstRow}). In some forms of a family
   * the first query closes the sequence for tokens; all tokens are folded then.
   *
   * @param queries vectors of length {@link #keyDim}
   * @param time the time of the queries, as in {@link #answer(QueryBlock, long)}
   * @return one row per query vector, or {@link Answers#NONE} if there are no tokens
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  public Answers answerAndRemember(QueryBlock queries, long time) {
    if (state.header().tokens() <= 0) {
      return Answers.NONE;
    }
    QuerySketch remembered = RememberedQueries.sketch(state);
    if (remembered == null) {
      return answer(queries, time);
    }
    checkDimension(queries);
    long row = remembered.nextRow();
    QueryBlock kept = projected(queries);
    if (remembered.closesTokens()) {
      TokenBlock nothing = new TokenBlock(kept.dim(), state.header().valueDim(), 0);
      return RememberedQueries.addAndClose(state, remembered, kept)
          .map(tokens -> part(queries, time, nothing, tokens).answers().rememberedFrom(row))
          .orElseGet(() -> answer(queries, time));
    }
    Answers answers = answer(queries, time);
    remembered.add(row, kept, answers.outputs(), null);
    RememberedQueries.keep(state, remembered);
    return answers.rememberedFrom(row);
  }

  /** Returns whether the sequence's family can recover outputs of past queries. */
  public boolean canRecover() {
    return RememberedQueries.canRecover(state);
  }

  /**
   * Recovers the large entries of every column of the matrix of all answers, one row per query.
   *
   * @param k sparsity, or 0 for the largest that the sketch was made for
   * @return no rows and no columns if no query was remembered
   * @throws RecoveryRefusedException if k is larger than the sketch was made for, or if there are
   *     too many rows to look through for this k
   */
  public Recovery recover(int k) {
    return RememberedQueries.recover(state, k);
  }

  /** Returns the name of the family that the sequence uses, or will use after exact mode. */
  public String familyName() {
    return state.family().name();
  }

  /** Notes where the sequence's tokens come from. */
  @Internal
  public void comesFrom(TokenOrigin origin) {
    state.header().origin(origin);
  }

  /** Notes that the sequence lacks tokens, whatever their origin; holds until a forget. */
  public void markIncomplete() {
    state.header().markIncomplete();
  }

  /**
   * Drops all tokens. The next token begins a new sequence, with the head's present dimensions and
   * sizes.
   */
  public void forget() {
    state.forget();
  }

  /** Writes the header if it has changed. */
  public void save() {
    state.save();
  }

  /** Saves the sequence. */
  @Override
  public void close() {
    save();
  }
}
