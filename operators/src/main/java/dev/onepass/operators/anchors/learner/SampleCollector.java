// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.event.Sample;
import dev.onepass.sketch.sequence.HeadSpec;

/**
 * Decides which samples of the current key's head are kept. The places for samples are bounded. A
 * sequence keeps at most its share of them as soon as other sequences need places.
 */
final class SampleCollector {

  /** How many places to try in search of a sequence that holds more than its share. */
  private static final int LOOKS = 16;

  private final SampleStore store;
  private final int anchors;

  /**
   * Creates the collector of a learner.
   *
   * @param store state of the learner
   * @param anchors number of anchors in a set, which determines how many samples are kept
   */
  SampleCollector(SampleStore store, int anchors) {
    this.store = store;
    this.anchors = anchors;
  }

  /** Returns how many samples of a head are kept. */
  SampleSizes sizes(HeadSpec head) {
    return SampleSizes.of(anchors, head.keyDim());
  }

  /**
   * Keeps or drops a sample.
   *
   * @return the progress with one more sample seen
   */
  LearnerProgress add(HeadSpec head, LearnerProgress before, Sample sample) throws Exception {
    int places = sizes(head).places(sample.query());
    int share = SampleSizes.shareOfASequence(places);
    int place = place(head, before, sample, places, share);
    if (place != Reservoir.NONE) {
      int change = store.put(sample, place, share);
      if (change != 0) {
        store.putTally(store.tally().withSurplus(sample.query(), change));
      }
    }
    LearnerProgress progress = before.seen(sample.query());
    store.putProgress(progress);
    return progress;
  }

  /**
   * Returns the place of a sample, or {@link Reservoir#NONE}. First choice is a free place, second
   * the place of a sequence that holds more than its share and more than this one, third what the
   * reservoir chooses. A sequence that holds its share gets no place of others from the reservoir.
   */
  private int place(HeadSpec head, LearnerProgress progress, Sample sample, int places, int share)
      throws Exception {
    boolean query = sample.query();
    long number = query ? progress.queries() : progress.keys();
    long seed = head.seed() + (query ? 1 : 2);
    int place = Reservoir.place(seed, number, places);
    if (number < places) {
      return place;
    }
    int held = store.held(query, sample.sequence());
    for (int look = 0; look < LOOKS && !store.tally().isSpread(); look++) {
      int other = Reservoir.any(seed, number, look, places);
      int others = store.held(query, store.sequence(query, other));
      if (others > Math.max(share, held + 1)) {
        return other;
      }
    }
    boolean mayTake =
        place == Reservoir.NONE
            || held < share
            || store.sequence(query, place) == sample.sequence();
    return mayTake ? place : Reservoir.NONE;
  }
}
