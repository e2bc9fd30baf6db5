// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.wide.ColumnSample;
import dev.onepass.testkit.records.Vectors;
import java.util.List;
import java.util.Random;

/**
 * A head that projects its keys: sequences of whole keys, which began before there was an anchor
 * set, and sequences of projected keys, all in exact mode and beyond it.
 */
final class WideScenario extends Scenario {

  private static final int KEY_DIM = 12;
  private static final int COLUMNS = 6;
  private static final int MANY = 300;
  private static final int PAST = 256;

  private static final Tokens WHOLE = tokens("whole");
  private static final Tokens CLUSTERED = tokens("clustered");
  private static final Tokens PROJECTED = tokens("projected");
  private static final Tokens FOLDED = tokens("folded");

  /** Begins after the restoration. */
  private static final Tokens YOUNG = tokens("young");

  WideScenario() {
    super(
        "wide",
        "sketch.type",
        "hybrid",
        "sketch.key-dim",
        Integer.toString(KEY_DIM),
        "head.default.columns",
        Integer.toString(COLUMNS),
        // All coordinates vary alike.
        "columns.least-variance",
        "0.2",
        "anchors.learn",
        "false");
  }

  private static Tokens tokens(String sequence) {
    return new Tokens(sequence, null, KEY_DIM, 2, sequence.hashCode());
  }

  private static byte[] set() {
    float[] past = Vectors.gaussian(new Random(7), PAST * KEY_DIM, 1);
    ColumnSample columns = WideSetMaker.columns(KEY_DIM, past, past, COLUMNS, 7);
    return WideSetMaker.make(1, columns, past, past, 16, 7).toByteArray();
  }

  @Override
  List<Tokens> old() {
    return List.of(FOLDED, WHOLE, CLUSTERED, PROJECTED);
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            .tokens(WHOLE, 0, 10)
            .tokens(CLUSTERED, 0, MANY)
            .ask("first-whole", WHOLE, 10)
            .ask("first-clustered", CLUSTERED, MANY));
    stage.publish("default", set());
    // At its start a job has all sets of the topic before the first token.
    stage.restart();
    stage.play(
        step()
            .tokens(PROJECTED, 0, 10)
            .retract(PROJECTED, 6, 8)
            .tokens(FOLDED, 0, MANY)
            .ask("first-projected", PROJECTED, 10)
            .ask("first-folded", FOLDED, MANY));
  }

  @Override
  List<Step> after() {
    return steps(
        step()
            .ask("whole", WHOLE, 10)
            .ask("clustered", CLUSTERED, MANY)
            .ask("projected", PROJECTED, 10)
            .ask("folded", FOLDED, MANY),
        step()
            .stats("whole-counts", WHOLE)
            .stats("clustered-counts", CLUSTERED)
            .stats("projected-counts", PROJECTED)
            .stats("folded-counts", FOLDED),
        step()
            // Its pending tokens are projected now.
            .tokens(WHOLE, 10, 15)
            .tokens(CLUSTERED, MANY, MANY + 10)
            .retract(PROJECTED, 2, 4)
            .tokens(PROJECTED, 10, 15)
            .tokens(FOLDED, MANY, MANY + 20)
            .tokens(YOUNG, 0, 8)
            .ask("whole-more", WHOLE, 15)
            .ask("clustered-more", CLUSTERED, MANY + 10)
            .ask("projected-more", PROJECTED, 15)
            .ask("folded-more", FOLDED, MANY + 20)
            .ask("young", YOUNG, 8),
        step()
            .stats("whole-more-counts", WHOLE)
            .stats("projected-more-counts", PROJECTED)
            .stats("folded-more-counts", FOLDED)
            .stats("young-counts", YOUNG));
  }
}
