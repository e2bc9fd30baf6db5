// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import org.apache.flink.util.OutputTag;

/** The side outputs to which several operators write. */
public final class SideOutputs {

  /** The side output of refused records. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", FlowTypes.DEAD_LETTER);

  /** The side output of parts, which {@code MergeFunction} merges into answers. */
  public static final OutputTag<Part> PARTS = new OutputTag<>("parts", FlowTypes.PART);

  private SideOutputs() {}
}
