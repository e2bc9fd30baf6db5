// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Events of a recommender: at a time, a user rates an item. Events are in the order of time; events
 * of equal times are in the order in which they were logged.
 *
 * @param users user of each event, from 0
 * @param items item of each event, from 0
 * @param ratings rating of each event
 * @param times time of each event, in any unit
 * @param userCount number of users, with or without events
 * @param itemCount number of items, with or without events
 */
public record Events(
    int[] users, int[] items, float[] ratings, long[] times, int userCount, int itemCount) {

  /** Returns the number of events. */
  public int count() {
    return users.length;
  }

  /**
   * Returns the middle of the rating scale: the mean of the lowest and the highest rating that
   * occur.
   */
  public double middle() {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float rating : ratings) {
      low = Math.min(low, rating);
      high = Math.max(high, rating);
    }
    return ((double) low + high) / 2;
  }

  /** Returns the number of events of each user. */
  public int[] countsOfUsers() {
    int[] counts = new int[userCount];
    for (int user : users) {
      counts[user]++;
    }
    return counts;
  }

  /** Returns the events of the users who have at least {@code least}; users keep their numbers. */
  public Events ofUsersWith(int least) {
    int[] counts = countsOfUsers();
    return at(IntStream.range(0, count()).filter(e -> counts[users[e]] >= least).toArray());
  }

  /** Returns some of the events, or all in another order. */
  Events at(int[] chosen) {
    float[] chosenRatings = new float[chosen.length];
    for (int e = 0; e < chosen.length; e++) {
      chosenRatings[e] = ratings[chosen[e]];
    }
    return new Events(
        Arrays.stream(chosen).map(e -> users[e]).toArray(),
        Arrays.stream(chosen).map(e -> items[e]).toArray(),
        chosenRatings,
        Arrays.stream(chosen).mapToLong(e -> times[e]).toArray(),
        userCount,
        itemCount);
  }
}
