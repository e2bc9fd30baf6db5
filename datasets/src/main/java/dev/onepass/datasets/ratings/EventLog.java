// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import java.util.Arrays;

/** Events as they are collected, in any order. */
public final class EventLog {
  private static final int FIRST_SIZE = 1 << 10;

  private int count;
  private int[] users = new int[FIRST_SIZE];
  private int[] items = new int[FIRST_SIZE];
  private float[] ratings = new float[FIRST_SIZE];
  private long[] times = new long[FIRST_SIZE];

  /** Adds an event. */
  public void add(int user, int item, float rating, long time) {
    if (count == users.length) {
      resize(2 * count);
    }
    users[count] = user;
    items[count] = item;
    ratings[count] = rating;
    times[count] = time;
    count++;
  }

  /** Returns all events in the order of time; the log takes no more of them. */
  public Events inOrderOfTime(int userCount, int itemCount) {
    resize(count);
    return new Events(users, items, ratings, times, userCount, itemCount).at(order(times));
  }

  private void resize(int size) {
    users = Arrays.copyOf(users, size);
    items = Arrays.copyOf(items, size);
    ratings = Arrays.copyOf(ratings, size);
    times = Arrays.copyOf(times, size);
  }

  /** Returns the numbers of the events, earliest first, equal times in the order of the log. */
  private static int[] order(long[] times) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    int[] order = new int[times.length];
    int[] placed = new int[times.length];
    for (int e = 0; e < times.length; e++) {
      int first = first(sorted, times[e]);
      order[first + placed[first]++] = e;
    }
    return order;
  }

  /** Returns where a number first occurs in a sorted array that contains it. */
  private static int first(long[] sorted, long number) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
