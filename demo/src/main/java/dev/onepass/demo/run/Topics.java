// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import java.util.List;

/** The job's topics under their default names. */
public final class Topics {
  public static final String TOKENS = "attention.tokens";
  public static final String QUERIES = "attention.queries";
  public static final String OUTPUTS = "attention.outputs";
  public static final String DEAD_LETTERS = "attention.dead-letters";
  public static final String ANCHORS = "attention.anchors";

  /** Topics that must exist before the job starts. The job creates the anchors topic itself. */
  public static final List<String> ALL = List.of(TOKENS, QUERIES, OUTPUTS, DEAD_LETTERS);

  private Topics() {}
}
