// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import java.util.Map;

/**
 * A sketch family as the job runs it, with default options: a sequence starts in exact mode, then
 * folds blocks. Header, pending block and sketch share the bytes. The only difference is that the
 * state is on the heap instead of in a state backend.
 *
 * @param family sketch family of the sequence
 * @param anchors anchor sets of the head
 */
public record Deployed(SketchFamily family, AnchorSets anchors) implements Method {

  /** Creates a family on a head without anchor sets. */
  public Deployed(SketchFamily family) {
    this(family, AnchorSets.NONE);
  }

  @Override
  public String name() {
    return family.name();
  }

  @Override
  public boolean usesAnchors() {
    return family.usesAnchors();
  }

  @Override
  public Method with(AnchorSet set) {
    return new Deployed(family, AnchorSets.of(set));
  }

  @Override
  public long sharedBytes() {
    return usesAnchors() ? anchors.current().map(AnchorSet::sharedBytes).orElse(0L) : 0;
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    HeadSpec spec =
        new HeadSpec(
            head.name(),
            head.keyDim(),
            head.valueDim(),
            head.scale(),
            bytes,
            0,
            family,
            seed,
            Map.of());
    spec.check();
    return new Running(spec, new HeapStore(), anchors);
  }

  private static final class Running implements State {
    private final Sequence sequence;

    Running(HeadSpec spec, HeapStore store, AnchorSets anchors) {
      this.sequence = Sequence.open(spec, store, anchors);
    }

    @Override
    public void accept(float[] key, float[] value) {
      Acceptance acceptance = sequence.accept(Sequence.NO_POSITION, key, value);
      if (acceptance.isRefused()) {
        throw new IllegalArgumentException(acceptance.reason());
      }
      sequence.save();
    }

    @Override
    public Answered answer(QueryBlock queries) {
      Answers answers = sequence.answerAndRemember(queries, 0);
      sequence.save();
      return new Answered(
          answers.outputs(),
          answers.error(),
          answers.logNormalizer(),
          answers.logNormalizerError());
    }

    @Override
    public long stateBytes() {
      return sequence.header().stateBytes();
    }
  }
}
