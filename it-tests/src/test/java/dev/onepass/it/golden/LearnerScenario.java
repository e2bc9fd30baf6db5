// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.ArrayList;
import java.util.List;

/**
 * The learner of anchor sets with most of the samples that it wants: what the restored job is sent
 * is enough only together with what the savepoint holds.
 */
final class LearnerScenario extends Scenario {

  /** The learner wants twice as many queries and four times as many keys. */
  private static final int ANCHORS = 32;

  private static final int SEQUENCES = 8;

  private static final int KEYS_BEFORE = 4 * ANCHORS * 3 / 4 / SEQUENCES;
  private static final int KEYS_AFTER = 4 * ANCHORS / SEQUENCES + 4;

  /** By these the first sequence has more than its share, which the learner counts. */
  private static final int SURPLUS = 18;

  private static final int QUERIES_BEFORE = 2 * ANCHORS * 3 / 4 / SEQUENCES;

  private final List<Tokens> sequences = new ArrayList<>();

  LearnerScenario() {
    super(
        "learner",
        "sketch.type",
        "hybrid",
        "anchors.count",
        Integer.toString(ANCHORS),
        "anchors.learn-after",
        NEVER);
    for (int i = 0; i < SEQUENCES; i++) {
      sequences.add(Tokens.of("sampled-" + i));
    }
  }

  @Override
  List<Tokens> old() {
    return sequences;
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    StepBuilder samples = step();
    samples.tokens(sequences.get(0), 0, KEYS_BEFORE + SURPLUS);
    for (Tokens sequence : sequences.subList(1, SEQUENCES)) {
      samples.tokens(sequence, 0, KEYS_BEFORE);
    }
    for (Tokens sequence : sequences) {
      samples.askMuch("before-" + sequence.sequence(), sequence, 0, QUERIES_BEFORE);
    }
    Tokens last = sequences.get(SEQUENCES - 1);
    stage.play(samples);
    // All keys are there when the last one is.
    stage.play(step().ask("before", last, KEYS_BEFORE));
  }

  @Override
  List<Step> after() {
    StepBuilder asked = step();
    StepBuilder samples = step();
    for (Tokens sequence : sequences) {
      asked.stats(sequence.sequence() + "-counts", sequence);
    }
    for (Tokens sequence : sequences.subList(1, SEQUENCES)) {
      samples.tokens(sequence, KEYS_BEFORE, KEYS_AFTER);
      samples.ask(sequence.sequence(), sequence, KEYS_AFTER);
    }
    return steps(asked, samples, step().sets(1));
  }
}
