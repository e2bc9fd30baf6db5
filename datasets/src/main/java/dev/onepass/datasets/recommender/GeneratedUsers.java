// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import dev.onepass.datasets.progress.Progress;
import dev.onepass.datasets.ratings.EventLog;
import dev.onepass.datasets.ratings.Events;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import me.tongfei.progressbar.ProgressBar;

/**
 * A generated fleet of users who rate the items of one {@link Catalogue} during a period.
 *
 * <ul>
 *   <li>Popularity of items follows Zipf's law with exponent 1. Half of the items exist at first,
 *       the others appear evenly over the period.
 *   <li>The number of a user's events has a Pareto tail of shape {@value #SHAPE}, from {@value
 *       #LEAST_EVENTS} to {@value #MOST_EVENTS}.
 *   <li>Users begin evenly over the period and stay for a tenth of it on average.
 *   <li>A user chooses items by {@link Taste}. Ratings go from 0.5 to 5 in halves and follow taste,
 *       with noise.
 * </ul>
 */
public final class GeneratedUsers {
  static final int LEAST_EVENTS = 64;
  static final int MOST_EVENTS = 100_000;

  private static final double SHAPE = 1.2;
  private static final double AT_FIRST = 0.5;
  private static final double ZIPF = 1;

  /** Mean time between the first and the last event of a user, as a share of the period. */
  private static final double STAY = 0.1;

  /** Units of time in the period. */
  private static final long PERIOD = 1L << 40;

  /** Events of a visit, during which taste and catalogue do not change. */
  private static final int VISIT = 16;

  private static final double MEAN_RATING = 3;
  private static final double LIKING = 0.7;
  private static final double WHIM = 0.8;

  private final Random random;
  private final Catalogue catalogue;
  private final List<Genre> genres;
  private final Events events;

  /** Generates the events; equal arguments give equal events. */
  public GeneratedUsers(int users, int items, int dim, long seed) {
    random = new Random(seed);
    catalogue = new Catalogue(items, dim, AT_FIRST, ZIPF, random);
    genres = Genre.all(catalogue);
    EventLog log = new EventLog();
    try (ProgressBar bar = Progress.bar("users", users)) {
      for (int user = 0; user < users; user++) {
        addEvents(user, log);
        bar.step();
      }
    }
    events = log.inOrderOfTime(users, items);
  }

  /** Returns the events of all users. */
  public Events events() {
    return events;
  }

  /** Returns the latent vector of each item, normalized. */
  public float[][] itemVectors() {
    float[][] vectors = new float[catalogue.size()][catalogue.dim()];
    for (int i = 0; i < vectors.length; i++) {
      double[] item = catalogue.item(i);
      double length = Math.sqrt(Arrays.stream(item).map(x -> x * x).sum());
      for (int c = 0; c < item.length; c++) {
        vectors[i][c] = (float) (item[c] / length);
      }
    }
    return vectors;
  }

  private void addEvents(int user, EventLog log) {
    double[] times = times(length(random));
    Taste taste = new Taste(genres, random);
    for (int e = 0; e < times.length; e++) {
      if (e % VISIT == 0) {
        taste.visit(times[e], VISIT);
      }
      int item = taste.choose();
      log.add(user, item, rating(taste.liking()), (long) (times[e] * PERIOD));
    }
  }

  /** Draws the number of a user's events. */
  static int length(Random random) {
    double beyond = StrictMath.pow((double) LEAST_EVENTS / MOST_EVENTS, SHAPE);
    double drawn = 1 - random.nextDouble() * (1 - beyond);
    return (int) (LEAST_EVENTS * StrictMath.pow(drawn, -1 / SHAPE));
  }

  /** Draws the times of a user's events, in ascending order, between 0 and 1. */
  private double[] times(int count) {
    double begin = random.nextDouble();
    double stay = -STAY * StrictMath.log(1 - random.nextDouble());
    double end = Math.min(1, begin + stay);
    return random.doubles(count, begin, end).sorted().toArray();
  }

  /** Draws a rating between 0.5 and 5, in halves. */
  private float rating(double liking) {
    double rating = MEAN_RATING + LIKING * liking + WHIM * random.nextGaussian();
    return (float) (Math.rint(2 * Math.max(0.5, Math.min(5, rating))) / 2);
  }
}
