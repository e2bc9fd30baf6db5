// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import java.util.Optional;

/**
 * When tokens are folded, and how.
 *
 * <p>The token that does not fit into the bytes of an exact sequence takes it over to its head's
 * family. After that, the pending block is folded whenever it is full. So blocks are cut at
 * multiples of the cut size in accepted tokens.
 */
final class Folds {

  private Folds() {}

  /** Returns whether one more token takes the sequence over to its family, or fills its block. */
  static boolean isDue(Header header) {
    StateLayout layout = header.layout();
    return header.pending() + 1 >= (header.isExact() ? layout.exactTokens() + 1 : layout.cutSize());
  }

  /**
   * Makes an exact sequence adopt the head's present sizes if its own do not hold the family, which
   * has then changed since the sequence began.
   */
  static void adoptSizesIfNeeded(SequenceState state) {
    if (state.header().isExact() && !fitsFamily(state, state.header())) {
      state.header().adoptSizes(state.spec());
    }
  }

  /**
   * Returns whether an exact sequence must stay exact: it decays, and its head has a family by now
   * that cannot.
   */
  static boolean staysExact(SequenceState state) {
    Header header = state.header();
    return header.isExact()
        && header.decay().isOn()
        && state.family().decayComplaint(configOfFirst(state, header)).isPresent();
  }

  /** Returns the configuration of the sketch that an exact sequence will begin. */
  private static SketchConfig configOfFirst(SequenceState state, Header header) {
    if (fitsFamily(state, header)) {
      return state.config(header);
    }
    HeadSpec spec = state.spec(header);
    return spec.sketchConfig(spec.layout());
  }

  private static boolean fitsFamily(SequenceState state, Header header) {
    return state.family(header).complaint(state.config(header)).isEmpty();
  }

  /** Folds the whole blocks of the pending tokens and one more; the rest stays pending. */
  static void fold(SequenceState state, Token token) {
    TokenBlock block = state.pending();
    block.append(token);
    StateLayout layout = state.header().layout();
    int folded = block.count() / layout.cutSize() * layout.cutSize();
    AttentionSketch sketch = update(begun(state, block), state.header(), block, folded);
    state.keep(sketch, block.slice(folded, block.count()));
  }

  /** Returns a sketch with all pending tokens folded; the stored one stays as it is. */
  static AttentionSketch withAll(SequenceState state, TokenBlock pending) {
    AttentionSketch begun = begun(state, pending);
    if (pending.count() > 0) {
      begun = state.copy(begun);
    }
    return update(begun, state.header(), pending, pending.count());
  }

  /** Folds the first tokens of a block, one cut after the other. */
  private static AttentionSketch update(
      AttentionSketch sketch, Header header, TokenBlock block, int count) {
    int cut = header.layout().cutSize();
    if (count == block.count() && count <= cut) {
      sketch.update(header.decay().weigh(block));
    } else {
      for (int from = 0; from < count; from += cut) {
        TokenBlock slice = block.slice(from, Math.min(count, from + cut));
        sketch.update(header.decay().weigh(slice));
      }
    }
    return sketch;
  }

  /** Returns the stored sketch, or an empty one made for the pending tokens. */
  private static AttentionSketch begun(SequenceState state, TokenBlock pending) {
    return state.header().isExact()
        ? state
            .spec()
            .family()
            .begin(state.config(), state.header().decay().weigh(pending), state.anchors())
        : state.sketch();
  }

  /** Returns the work that the next fold needs; empty if nothing is missing or no fold is due. */
  static Optional<Preparation> preparation(SequenceState state) {
    Header header = state.headerOfNextToken();
    if (!isDue(header)) {
      return Optional.empty();
    }
    SketchFamily family = state.family(header);
    if (!family.usesAnchors()) {
      return Optional.empty();
    }
    SketchConfig config = header.isExact() ? configOfFirst(state, header) : state.config(header);
    return preparation(family, config, state.setOfNextFold(header));
  }

  private static Optional<Preparation> preparation(
      SketchFamily family, SketchConfig config, Optional<AnchorSet> used) {
    return used.filter(set -> !family.isPrepared(config, set))
        .map(set -> new FoldPreparation(family, config, set));
  }

  /** Prepares folds of a family over an anchor set. */
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
}
