package dev.onepass.operators.anchors.learner;

/**
 * How many vectors of a head an anchor set is made from: two queries for each anchor, so that there
 * is a choice, and twice as many keys, but no more than tell where the keys lie, and no more than
 * {@value #MOST_BYTES} bytes of either.
 *
 * @param queries most queries
 * @param keys most keys
 * @param fewest queries, and keys, that will do when not more come
 */
record SampleSizes(int queries, int keys, int fewest) {

  private static final int FEWEST = 256;
  private static final int MOST_KEYS = 16_384;

  /** Of the queries of a head, and of its keys. */
  private static final int MOST_BYTES = 48 << 20;

  /** Sequences that have to have a part in a sample: none may hold more than its share of these. */
  static final int SEQUENCES = 5;

  static SampleSizes of(int anchors) {
    int fewest = Math.min(FEWEST, 2 * anchors);
    return new SampleSizes(2 * anchors, Math.max(fewest, Math.min(MOST_KEYS, 4 * anchors)), fewest);
  }

  /** Samples of vectors of a length, bounded in bytes. */
  static SampleSizes of(int anchors, int keyDim) {
    SampleSizes sizes = of(anchors);
    int most = Math.max(FEWEST, MOST_BYTES / Float.BYTES / keyDim);
    return new SampleSizes(Math.min(most, sizes.queries), Math.min(most, sizes.keys), sizes.fewest);
  }

  /** Places of one kind. */
  int places(boolean query) {
    return query ? queries : keys;
  }

  /** Places of one kind that a sequence may hold where others want them. */
  static int ofASequence(int places) {
    return (places - 1) / SEQUENCES + 1;
  }

  /**
   * The sample of one of several subtasks: twice its share, because a head's traffic need not be
   * spread evenly.
   */
  SampleSizes share(int subtasks) {
    return new SampleSizes(share(queries, subtasks), share(keys, subtasks), fewest);
  }

  private int share(int all, int subtasks) {
    return Math.min(all, Math.max(fewest, 2 * ((all - 1) / subtasks + 1)));
  }
}
