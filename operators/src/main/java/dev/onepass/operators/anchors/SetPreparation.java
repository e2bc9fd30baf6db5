// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.sequence.HeadSpec;

/** Computes what folds of a head need from a set before sequences adopt it. */
public final class SetPreparation implements Preparation {

  private record Key(String head, AnchorSet set) {}

  private final HeadSpec head;
  private final AnchorSet set;

  /** Creates the preparation of a set for a head. */
  public SetPreparation(HeadSpec head, AnchorSet set) {
    this.head = head;
    this.set = set;
  }

  /** Returns whether folds find everything computed, or need nothing. */
  public static boolean isPrepared(HeadSpec head, AnchorSet set) {
    return head.family().isPrepared(head.sketchConfig(head.layout()), set);
  }

  @Override
  public void run() throws InterruptedException {
    head.family().prepare(head.sketchConfig(head.layout()), set);
  }

  @Override
  public Object key() {
    return new Key(head.name(), set);
  }
}
