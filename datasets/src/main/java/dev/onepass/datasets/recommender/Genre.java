// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import dev.onepass.datasets.numbers.Ascending;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The items of one genre of a {@link Catalogue}, from which items are drawn by popularity. */
final class Genre {
  private final int[] items;

  /** Time at which each item appears, in ascending order. */
  private final double[] releases;

  /** Popularity of each item and all items before it. */
  private final double[] sums;

  private Genre(Catalogue catalogue, int[] items) {
    this.items = items;
    releases = IntStream.of(items).mapToDouble(catalogue::release).toArray();
    sums = IntStream.of(items).mapToDouble(catalogue::popularity).toArray();
    for (int i = 1; i < sums.length; i++) {
      sums[i] += sums[i - 1];
    }
  }

  /** Returns the genres of a catalogue. */
  static List<Genre> all(Catalogue catalogue) {
    List<List<Integer>> members = new ArrayList<>();
    for (int item = 0; item < catalogue.size(); item++) {
      if (catalogue.genre(item) == members.size()) {
        members.add(new ArrayList<>());
      }
      members.get(catalogue.genre(item)).add(item);
    }
    return members.stream()
        .map(items -> new Genre(catalogue, items.stream().mapToInt(i -> i).toArray()))
        .toList();
  }

  /** Returns how many items exist at a time, from the first on. */
  int released(double time) {
    return Ascending.countUpTo(releases, time);
  }

  /** Returns the popularity of the first {@code released} items together. */
  double popularity(int released) {
    return released == 0 ? 0 : sums[released - 1];
  }

  /** Draws one of the first {@code released} items, which are at least one. */
  int draw(int released, Random random) {
    int below = Ascending.countUpTo(sums, released, random.nextDouble() * popularity(released));
    return items[Math.min(below, released - 1)];
  }
}
