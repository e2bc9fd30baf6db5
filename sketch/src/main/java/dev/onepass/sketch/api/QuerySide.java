package dev.onepass.sketch.api;

/** What a family remembers of queries, for one configuration; see {@link QuerySketch}. */
public interface QuerySide {

  /**
   * Whether the first query ends the sequence's tokens: rows that were added before a token would
   * be wrong after it. Before that query everything must be folded, and a sequence that is still
   * exact goes over to its family.
   */
  boolean closesTokens();

  /** Bound on {@link QuerySketch#stateBytes()}; what tokens take is not in it. */
  int maxBytes();

  /** An empty query sketch. */
  QuerySketch begin();
}
