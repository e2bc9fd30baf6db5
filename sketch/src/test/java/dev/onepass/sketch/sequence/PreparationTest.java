// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.FactorCache;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.registry.Streams;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Preparations that a sequence asks for, so that neither tokens nor queries block. */
class PreparationTest {

  private static final QueryBlock QUERY = new QueryBlock(new float[] {0.5f, 0}, 1, 2, 1);

  private final Random random = new Random(5);
  private final FactorCache cache = FactorCache.ofProcess();
  private final LiveStore store = new LiveStore();

  /** A set for which nothing is prepared. */
  private final AnchorSet set = AnchorSet.fromByteArray(TestSets.inABall(2).toByteArray());

  private static HeadSpec head(SketchFamily family) {
    return new HeadSpec("h", 2, 2, 1, 4096, 16, family, 1, Map.of());
  }

  private Sequence sequence(SketchFamily family) {
    return Sequence.open(head(family), store, AnchorSets.of(set));
  }

  private static void accept(Sequence sequence, TokenBlock tokens, int j) {
    TokenBlock token = tokens.slice(j, j + 1);
    assertThat(sequence.accept(Sequence.NO_POSITION, token.keys(), token.values()))
        .isEqualTo(Acceptance.ACCEPTED);
  }

  /**
   * Stores live objects on the heap, as a job does, and counts how often a sketch is serialized.
   */
  private static final class LiveStore implements SequenceStore {
    private Header header;
    private TokenBlock pending = new TokenBlock(2, 2, 0);
    private AttentionSketch sketch;
    private AttentionSketch withoutRetracted;
    private int madeBytes;

    @Override
    public Header header() {
      if (header == null) {
        header = Header.of(head(AnchoredFamily.ANCHORS));
      }
      return header;
    }

    @Override
    public void putHeader(Header newHeader) {
      header = newHeader;
    }

    @Override
    public TokenBlock pending(int keyDim, int valueDim) {
      return pending.slice(0, pending.count());
    }

    @Override
    public void appendPending(Token token) {
      pending.append(token);
      if (token.isRetraction()) {
        withoutRetracted = null;
      }
    }

    @Override
    public void replacePending(TokenBlock block) {
      pending = block;
      withoutRetracted = null;
    }

    @Override
    public AttentionSketch sketch(AnchorSets anchors) {
      return sketch;
    }

    @Override
    public void putSketch(AttentionSketch newSketch) {
      withoutRetracted = null;
      if (Proxy.isProxyClass(newSketch.getClass())) {
        return;
      }
      sketch =
          (AttentionSketch)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {AttentionSketch.class},
                  (proxy, method, arguments) -> {
                    madeBytes += method.getName().equals("toByteArray") ? 1 : 0;
                    try {
                      return method.invoke(newSketch, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
    }

    @Override
    public AttentionSketch sketchWithoutRetracted() {
      return withoutRetracted;
    }

    @Override
    public void keepSketchWithoutRetracted(AttentionSketch copy) {
      withoutRetracted = copy;
    }

    @Override
    public byte[] queries() {
      return null;
    }

    @Override
    public void putQueries(byte[] bytes) {}

    @Override
    public void clearQueries() {}

    @Override
    public void clearContent() {}
  }

  @Test
  void onlyATokenThatFoldsNeedsAPreparation() throws InterruptedException {
    Sequence sequence = sequence(AnchoredFamily.ANCHORS);
    int exact = sequence.header().layout().exactTokens();
    TokenBlock tokens = Streams.ball(random, exact + 40, 2, 2, 1);
    for (int j = 0; j < exact; j++) {
      assertThat(sequence.foldPreparation()).isEmpty();
      accept(sequence, tokens, j);
      assertThat(sequence.preparation()).isEmpty();
    }

    Preparation preparation = sequence.foldPreparation().orElseThrow();

    assertThat(preparation.key()).isEqualTo(sequence.foldPreparation().orElseThrow().key());
    long bytes = set.sharedBytes();
    preparation.run();
    assertThat(set.sharedBytes()).isGreaterThan(bytes);
    assertThat(sequence.foldPreparation()).isEmpty();
    bytes = set.sharedBytes();
    for (int j = exact; j < tokens.count(); j++) {
      assertThat(sequence.foldPreparation()).isEmpty();
      accept(sequence, tokens, j);
    }
    assertThat(set.sharedBytes()).as("folds prepare nothing").isLessThanOrEqualTo(bytes);
  }

  @Test
  void afterARestartTheNextFoldNeedsThePreparationAgain() throws InterruptedException {
    Sequence sequence = sequence(AnchoredFamily.ANCHORS);
    int exact = sequence.header().layout().exactTokens();
    TokenBlock tokens = Streams.ball(random, exact + 40, 2, 2, 1);
    for (int j = 0; j <= exact; j++) {
      accept(sequence, tokens, j);
    }
    AnchorSet read = AnchorSet.fromByteArray(set.toByteArray());
    Sequence restarted = Sequence.open(head(AnchoredFamily.ANCHORS), store, AnchorSets.of(read));
    Header header = restarted.header();
    int cut = header.layout().cutSize();
    for (int j = exact + 1; header.pending() + 1 < cut; j++) {
      assertThat(restarted.foldPreparation()).isEmpty();
      accept(restarted, tokens, j);
    }
    Optional<Preparation> preparation = restarted.foldPreparation();
    assertThat(preparation).isPresent();
    preparation.get().run();
    assertThat(restarted.foldPreparation()).isEmpty();
  }

  @Test
  void withoutAnchorsNothingIsPrepared() {
    for (SketchFamily family :
        new SketchFamily[] {AnchoredFamily.ANCHORS, ClusterFamily.INSTANCE}) {
      Sequence sequence = Sequence.open(head(family), new HeapStore());
      Header header = sequence.header();
      TokenBlock tokens = Streams.ball(random, 400, 2, 2, 1);
      for (int j = 0; j < tokens.count(); j++) {
        assertThat(sequence.foldPreparation()).isEmpty();
        TokenBlock token = tokens.slice(j, j + 1);
        sequence.accept(Sequence.NO_POSITION, token.keys(), token.values());
      }
      assertThat(header.isExact()).isFalse();
      assertThat(sequence.preparation()).isEmpty();
    }
  }

  private Sequence folded(TokenBlock tokens) {
    Sequence sequence = sequence(AnchoredFamily.ANCHORS);
    for (int j = 0; j < tokens.count(); j++) {
      accept(sequence, tokens, j);
    }
    assertThat(sequence.header().isExact()).isFalse();
    return sequence;
  }

  @Test
  void aQueryNeedsItsFactor() throws InterruptedException {
    Sequence sequence = folded(Streams.ball(random, 300, 2, 2, 1));
    Preparation preparation = sequence.preparation().orElseThrow();
    assertThat(sequence.preparation().orElseThrow().key()).isEqualTo(preparation.key());
    long evictions = cache.evictions();
    preparation.run();
    assertThat(sequence.preparation()).isEmpty();
    long bytes = set.sharedBytes();
    assertThat(sequence.answer(QUERY).error()).hasSize(1);
    assertThat(set.sharedBytes()).as("the answer prepares nothing").isLessThanOrEqualTo(bytes);
    assertThat(cache.evictions()).isEqualTo(evictions);
  }

  @Test
  void anInterruptedAnswerEndsAndTheNextOneIsRight() {
    Sequence sequence = folded(Streams.ball(random, 300, 2, 2, 1));
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> sequence.answer(QUERY)).isInstanceOf(InterruptedWorkException.class);
    assertThat(Thread.interrupted()).isTrue();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> sequence.preparation().orElseThrow().run())
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(sequence.answer(QUERY).error()[0]).isFinite();
  }

  @Test
  void aPendingRetractionSerializesTheSketchOnce() {
    TokenBlock tokens = Streams.ball(random, 300, 2, 2, 1);
    Sequence sequence = folded(tokens);
    Header header = sequence.header();
    assertThat(sequence.retract(tokens.slice(0, 1).keys(), tokens.slice(0, 1).values()))
        .isEqualTo(Acceptance.ACCEPTED);
    assertThat(header.pending()).isPositive();
    int before = store.madeBytes;
    float first = sequence.answer(QUERY).outputs()[0][0];
    for (int i = 0; i < 10; i++) {
      assertThat(sequence.preparation()).isEmpty();
      assertThat(sequence.answer(QUERY).outputs()[0][0]).isCloseTo(first, within(1e-3f));
    }
    assertThat(store.madeBytes).isEqualTo(before + 1);

    accept(sequence, tokens, 7);
    sequence.answer(QUERY);
    assertThat(store.madeBytes).as("a token does not change the copy").isEqualTo(before + 1);

    sequence.retract(tokens.slice(1, 2).keys(), tokens.slice(1, 2).values());
    float both = sequence.answer(QUERY).outputs()[0][0];
    assertThat(store.madeBytes).as("another retraction does").isEqualTo(before + 2);
    store.withoutRetracted = null;
    assertThat(sequence.answer(QUERY).outputs()[0][0]).isEqualTo(both);
  }

  @Test
  void familiesKnowTheBytesOfAFactor() {
    SketchConfig config = new SketchConfig(16, 8, 1 << 20, 1, Map.of());
    assertThat(AnchoredFamily.ANCHORS.factorBytes(config, 1000))
        .isEqualTo(FactorCache.bytesOf(1000, 32))
        .isBetween(4L * 1000 * 1000, 5L * 1000 * 1000);
    int most = (1 << 20) / AnchorSet.rowBytes(8);
    assertThat(AnchoredFamily.HYBRID.factorBytes(config, Integer.MAX_VALUE))
        .isLessThanOrEqualTo(FactorCache.bytesOf(Math.min(most, SetSizes.MOST_USED), 32));
    assertThat(AnchoredFamily.HYBRID.factorBytes(new SketchConfig(1, 1, 0, 1, Map.of()), 10))
        .isZero();
    assertThat(ClusterFamily.INSTANCE.factorBytes(config, 1000)).isZero();
    assertThat(ClusterFamily.INSTANCE.isPrepared(config, set)).isTrue();
  }
}
