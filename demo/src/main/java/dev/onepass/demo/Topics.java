package dev.onepass.demo;

import java.util.List;

/** The job's topics under their default names. */
final class Topics {
  static final String TOKENS = "attention.tokens";
  static final String QUERIES = "attention.queries";
  static final String OUTPUTS = "attention.outputs";
  static final String DEAD_LETTERS = "attention.dead-letters";
  static final String ANCHORS = "attention.anchors";

  /** Those that a job needs; it makes the one of anchor sets itself. */
  static final List<String> ALL = List.of(TOKENS, QUERIES, OUTPUTS, DEAD_LETTERS);

  private Topics() {}
}
