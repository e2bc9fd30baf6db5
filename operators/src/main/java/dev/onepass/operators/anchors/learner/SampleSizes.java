// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

/**
 * The number of vectors of a head from which an anchor set is made: two query vectors and four keys
 * per anchor, at most {@value #MOST_KEYS} keys, and at most {@value #MOST_BYTES} bytes of each
 * kind.
 *
 * @param queries query vectors in a full sample
 * @param keys keys in a full sample
 * @param fewest query vectors, and keys, in the minimum sample
 */
record SampleSizes(int queries, int keys, int fewest) {

  private static final int FEWEST = 256;
  private static final int MOST_KEYS = 16_384;

  /** Limit on the bytes of the query vectors of a head, and of its keys. */
  private static final int MOST_BYTES = 48 << 20;

  /** Number of sequences that share a full sample: none may hold more than this part of it. */
  static final int SEQUENCES = 5;

  /** Returns the sizes for a number of anchors, without a limit on the bytes. */
  static SampleSizes of(int anchors) {
    int fewest = Math.min(FEWEST, 2 * anchors);
    return new SampleSizes(2 * anchors, Math.max(fewest, Math.min(MOST_KEYS, 4 * anchors)), fewest);
  }

  /** Returns the sizes for a number of anchors and a length of keys, within the limit on bytes. */
  static SampleSizes of(int anchors, int keyDim) {
    SampleSizes sizes = of(anchors);
    int most = Math.max(FEWEST, MOST_BYTES / Float.BYTES / keyDim);
    return new SampleSizes(Math.min(most, sizes.queries), Math.min(most, sizes.keys), sizes.fewest);
  }

  /** Returns the number of places for query vectors or for keys. */
  int places(boolean query) {
    return query ? queries : keys;
  }

  /** Returns how many of these places a sequence may hold if others need them. */
  static int shareOfASequence(int places) {
    return (places - 1) / SEQUENCES + 1;
  }

  /**
   * Returns the sizes for one of several subtasks: twice its share, because the traffic of a head
   * may be spread unevenly.
   */
  SampleSizes share(int subtasks) {
    return new SampleSizes(share(queries, subtasks), share(keys, subtasks), fewest);
  }

  private int share(int all, int subtasks) {
    return Math.min(all, Math.max(fewest, 2 * ((all - 1) / subtasks + 1)));
  }
}
