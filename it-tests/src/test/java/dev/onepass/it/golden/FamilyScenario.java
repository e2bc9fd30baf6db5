// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.util.List;
import java.util.Random;

/**
 * Sequences of one family: in exact mode and beyond it, with and without positions, with gaps and
 * duplicates, retracted and forgotten, all with a pending block that is neither empty nor full.
 */
final class FamilyScenario extends Scenario {

  /** How the job gets its anchor sets. */
  enum Sets {
    /** It has none. */
    NONE,
    /** Two versions come by the anchors topic; sequences adopt both. */
    PUBLISHED
  }

  private static final Tokens FEW = Tokens.of("few");
  private static final Tokens MANY = Tokens.of("many");
  private static final Tokens UNNUMBERED = Tokens.of("unnumbered");
  private static final Tokens GAPS = Tokens.of("gaps");
  private static final Tokens RETRACTED = Tokens.of("retracted");
  private static final Tokens FORGOTTEN = Tokens.of("forgotten");
  private static final Tokens SECOND = Tokens.of("second");

  /** Begins after the restoration. */
  private static final Tokens YOUNG = Tokens.of("young");

  private final Sets sets;
  private final int many;
  private final boolean recovers;

  private FamilyScenario(String name, Sets sets, int many, boolean recovers, String... options) {
    super(name, options);
    this.sets = sets;
    this.many = many;
    this.recovers = recovers;
  }

  /** A family without anchor sets. */
  static FamilyScenario of(String name, String... options) {
    return new FamilyScenario(name, Sets.NONE, 300, false, options);
  }

  /** The family {@code exact}, which refuses what does not fit. */
  static FamilyScenario exact(String name, String... options) {
    return new FamilyScenario(name, Sets.NONE, 100, false, options);
  }

  /** A family that remembers queries. */
  static FamilyScenario recovering(String name, String... options) {
    return new FamilyScenario(name, Sets.NONE, 650, true, options);
  }

  /** A family with anchor sets. */
  static FamilyScenario anchored(String name, String... options) {
    return new FamilyScenario(name, Sets.PUBLISHED, 300, false, options);
  }

  private static byte[] set(int version) {
    Tokens past = Tokens.of("past-" + version);
    Random random = new Random(past.seed());
    float[] vectors = new float[256 * past.keyDim()];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    AnchorSet set = AnchorSetMaker.make(version, past.keyDim(), vectors, vectors, 16, 7);
    return set.toByteArray();
  }

  @Override
  List<Tokens> old() {
    return List.of(MANY, FEW, UNNUMBERED, GAPS, RETRACTED, SECOND);
  }

  @Override
  void before(Stage stage) throws Exception {
    if (sets == Sets.PUBLISHED) {
      stage.publish("default", set(1));
    }
    stage.start();
    stage.play(
        step()
            .tokens(FEW, 0, 10)
            .tokens(MANY, 0, many)
            .tokens(UNNUMBERED, 0, 40, 0)
            .tokens(GAPS, 0, many / 2, 3)
            .tokens(GAPS, 2, 7, 3)
            .tokens(RETRACTED, 0, 30)
            .retract(RETRACTED, 4, 7)
            .tokens(FORGOTTEN, 0, 20)
            .forget(FORGOTTEN)
            .ask("first-few", FEW, 10)
            .ask("first-many", MANY, many));
    if (sets == Sets.PUBLISHED) {
      stage.publish("default", set(2));
      // At its start a job has all sets of the topic before the first token.
      stage.restart();
    }
    // Tokens of the last sequence are the last of their topic, so all others are there as well.
    stage.play(step().tokens(SECOND, 0, many).ask("first-second", SECOND, many));
    if (recovers) {
      stage.play(step().recover("first-recovery", MANY, 2));
    }
  }

  @Override
  List<Step> after() {
    // With anchor sets it outgrows its bytes, and adopts a set of the savepoint.
    int young = sets == Sets.NONE ? 20 : 180;
    StepBuilder recovery = step();
    if (recovers) {
      recovery.recover("recovery", MANY, 2).recover("more-recovery", FEW, 2);
    }
    return steps(
        step()
            .ask("few", FEW, 10)
            .ask("many", MANY, many)
            .ask("unnumbered", UNNUMBERED, 40)
            .ask("gaps", GAPS, many / 2)
            .ask("retracted", RETRACTED, 0)
            .ask("forgotten", FORGOTTEN, 0)
            .ask("second", SECOND, many),
        step()
            .stats("few-counts", FEW)
            .stats("many-counts", MANY)
            .stats("unnumbered-counts", UNNUMBERED)
            .stats("gaps-counts", GAPS)
            .stats("retracted-counts", RETRACTED)
            .stats("forgotten-counts", FORGOTTEN)
            .stats("second-counts", SECOND),
        recovery,
        step()
            // The first ones are duplicates.
            .tokens(FEW, 8, 25)
            .tokens(MANY, many, many + 30)
            .tokens(UNNUMBERED, 40, 55, 0)
            .tokens(GAPS, many / 2, many / 2 + 15, 3)
            .retract(RETRACTED, 10, 12)
            .tokens(RETRACTED, 30, 33)
            .tokens(FORGOTTEN, 0, 15)
            .tokens(YOUNG, 0, young)
            .ask("few-more", FEW, 25)
            .ask("many-more", MANY, many + 30)
            .ask("unnumbered-more", UNNUMBERED, 55)
            .ask("gaps-more", GAPS, many / 2 + 15)
            .ask("retracted-more", RETRACTED, 33)
            .ask("forgotten-more", FORGOTTEN, 15)
            .ask("young", YOUNG, young),
        step()
            .stats("few-more-counts", FEW)
            .stats("many-more-counts", MANY)
            .stats("unnumbered-more-counts", UNNUMBERED)
            .stats("gaps-more-counts", GAPS)
            .stats("retracted-more-counts", RETRACTED)
            .stats("forgotten-more-counts", FORGOTTEN)
            .stats("young-counts", YOUNG));
  }
}
