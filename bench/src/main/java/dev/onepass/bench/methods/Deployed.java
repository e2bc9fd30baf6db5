// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import java.util.HashMap;
import java.util.Map;

/**
 * A sketch family as the job runs it, with default options: a sequence starts in exact mode, then
 * folds blocks. Header, pending block and sketch share the bytes. The only difference is that the
 * state is on the heap instead of in a state backend.
 *
 * @param family sketch family of the sequence
 * @param anchors anchor sets of the head
 * @param parameters the family's settings by option name
 * @param decay how the weights of tokens decay; there is a token every {@value #TOKEN_MILLIS} ms
 */
public record Deployed(
    SketchFamily family, AnchorSets anchors, Map<String, String> parameters, Decay decay)
    implements Method {

  /** Milliseconds from one token to the next. */
  public static final int TOKEN_MILLIS = 1_000;

  /** Time of the first token, such as a source gives it. */
  private static final long BEGIN_MILLIS = 1_700_000_000_000L;

  /** Creates a family on a head without anchor sets and decay, with its default settings. */
  public Deployed(SketchFamily family) {
    this(family, Map.of());
  }

  /** Creates a family on a head without anchor sets and decay. */
  public Deployed(SketchFamily family, Map<String, String> parameters) {
    this(family, AnchorSets.NONE, parameters, Decay.NONE);
  }

  /** Returns the same sketch with decay. */
  public Deployed with(Decay newDecay) {
    return new Deployed(family, anchors, parameters, newDecay);
  }

  /** Returns the same sketch with heavy keys, which take up to a share of the state size. */
  public Deployed withHeavyKeys(double share) {
    Map<String, String> more = new HashMap<>(parameters);
    more.put(HeavyFamily.SHARE, Double.toString(share));
    return new Deployed(SketchFamilies.withHeavyKeys(family), anchors, more, decay);
  }

  @Override
  public String name() {
    return family.name();
  }

  /** Returns the same sketch with an anchor set, if its family uses one. */
  @Override
  public Method learn(Past past) {
    return family.usesAnchors()
        ? new Deployed(family, AnchorSets.of(past.anchors()), parameters, decay)
        : this;
  }

  @Override
  public long sharedBytes() {
    return family.usesAnchors() ? anchors.current().map(AnchorSet::sharedBytes).orElse(0L) : 0;
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    HeadSpec spec = spec(head, bytes, seed);
    spec.check();
    return new Running(spec, new HeapStore(), anchors);
  }

  /** Returns the head's configuration. */
  public HeadSpec spec(Head head, int bytes, long seed) {
    return new HeadSpec(
            head.name(),
            head.keyDim(),
            head.valueDim(),
            head.scale(),
            bytes,
            0,
            family,
            seed,
            parameters)
        .withDecay(decay);
  }

  private static final class Running implements State {
    private final Sequence sequence;
    private final boolean timed;
    private long millis = BEGIN_MILLIS;

    Running(HeadSpec spec, HeapStore store, AnchorSets anchors) {
      this.sequence = Sequence.open(spec, store, anchors);
      // A decay by tokens counts them.
      this.timed = !spec.decay().byTokens();
    }

    @Override
    public void accept(float[] key, float[] value) {
      millis += TOKEN_MILLIS;
      Acceptance acceptance =
          sequence.accept(Sequence.NO_POSITION, key, value, 0, timed ? millis : 0);
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

    @Override
    public boolean isExact() {
      return sequence.header().isExact();
    }
  }
}
