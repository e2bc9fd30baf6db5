// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.recommender;

import dev.onepass.bench.measure.Numbers;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Logits;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What is printed about a fleet of users and items. */
final class FleetDescription {

  /** Share of the rows after which items count as new. */
  private static final double EARLY = 0.6;

  private FleetDescription() {}

  /**
   * Returns one sentence about the sizes of the fleet, its logits and its new items.
   *
   * @param fleet with items
   */
  static String of(Fleet fleet) {
    int rows = fleet.head().rows();
    int[] items = fleet.items().orElseThrow();
    int early = (int) (EARLY * rows);
    Set<Integer> old = new HashSet<>();
    Set<Integer> all = new HashSet<>();
    int newRows = 0;
    for (int row = 0; row < rows; row++) {
      all.add(items[row]);
      if (row < early) {
        old.add(items[row]);
      } else if (!old.contains(items[row])) {
        newRows++;
      }
    }
    double[] lengths = lengths(fleet.sequences());
    return ("%s: %d rows, %d users with %.0f (median) to %.0f (maximum) rows, %d items, standard"
            + " deviation of the logits %.2f; %.0f %% of the items are not in the first 60 %% of"
            + " rows and make %.0f %% of the later rows")
        .formatted(
            fleet.head().name(),
            rows,
            lengths.length,
            Numbers.median(lengths),
            Arrays.stream(lengths).max().orElseThrow(),
            all.size(),
            Logits.sample(fleet.head(), RecommenderCommand.SAMPLE).deviation(),
            100.0 * (all.size() - old.size()) / all.size(),
            100.0 * newRows / (rows - early));
  }

  private static double[] lengths(int[] sequences) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int sequence : sequences) {
      counts.merge(sequence, 1, Integer::sum);
    }
    return counts.values().stream().mapToDouble(count -> count).toArray();
  }
}
