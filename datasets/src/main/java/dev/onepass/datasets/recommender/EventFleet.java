// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.datasets.ratings.Events;
import dev.onepass.sketch.numerics.SplitMix64;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import me.tongfei.progressbar.ProgressBar;

/**
 * Events of many users as a fleet for target attention: a sequence for each user, a row for each
 * event.
 *
 * <ul>
 *   <li>The key is the vector of the event's item.
 *   <li>The value is the item's vector for values, times the rating minus the middle of its scale,
 *       plus noise.
 *   <li>The query is {@code beta} times the key of a candidate. On even rows (counted from 0) the
 *       candidate is the next item of the same user. On odd rows, and where the user has no later
 *       event, it is the item of a row that is drawn uniformly from all rows so far, this one
 *       included: a draw by popularity, in which no item occurs before its first event.
 * </ul>
 *
 * @param events the rows
 * @param middle middle of the rating scale
 * @param keys key of each item
 * @param values vector for values of each item
 * @param noise standard deviation of the noise in each coordinate of a value
 * @param beta length of a query, relative to the key of its candidate
 */
public record EventFleet(
    Events events, double middle, float[][] keys, float[][] values, double noise, double beta) {

  /** Makes the rows. */
  public Fleet rows(String name, long seed) {
    int count = events.count();
    int dim = keys[0].length;
    int valueDim = values[0].length;
    float[] q = new float[Math.multiplyExact(count, dim)];
    float[] k = new float[count * dim];
    float[] v = new float[Math.multiplyExact(count, valueDim)];
    int[] candidates = candidates(new Random(seed));
    Random noises = new Random(SplitMix64.mix(seed));
    try (ProgressBar bar = Progress.bar("rows", count)) {
      for (int row = 0; row < count; row++) {
        int item = events.items()[row];
        double liked = events.ratings()[row] - middle;
        for (int c = 0; c < dim; c++) {
          k[row * dim + c] = keys[item][c];
          q[row * dim + c] = (float) (beta * keys[candidates[row]][c]);
        }
        for (int c = 0; c < valueDim; c++) {
          double x = liked * values[item][c];
          v[row * valueDim + c] = (float) (noise > 0 ? x + noise * noises.nextGaussian() : x);
        }
        bar.step();
      }
    }
    Head head = new Head(name, count, dim, valueDim, q, k, v, 1);
    return new Fleet(head, events.users(), Optional.of(events.items()));
  }

  /** Returns the item that each row asks about. */
  private int[] candidates(Random random) {
    int[] next = nextItems();
    int[] candidates = new int[events.count()];
    for (int row = 0; row < candidates.length; row++) {
      boolean asksNext = row % 2 == 0 && next[row] >= 0;
      candidates[row] = asksNext ? next[row] : events.items()[random.nextInt(row + 1)];
    }
    return candidates;
  }

  /** Returns the item of the same user's next event, -1 if there is none. */
  private int[] nextItems() {
    int[] next = new int[events.count()];
    int[] later = new int[events.userCount()];
    Arrays.fill(later, -1);
    for (int row = next.length - 1; row >= 0; row--) {
      int user = events.users()[row];
      next[row] = later[user];
      later[user] = events.items()[row];
    }
    return next;
  }
}
