// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.numbers.Ascending;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A generated stream: events of a recommender, as target attention sees them.
 *
 * <ul>
 *   <li>A token is an event. Its key is the latent vector of the item ({@link Catalogue}), the same
 *       for each of its events, so there are many more tokens than distinct keys, by Zipf's law.
 *       About half of the items do not exist yet in the first 30 % of the stream.
 *   <li>Events come in sessions. An item is chosen by its popularity, by its age and by taste,
 *       which drifts slowly through latent space and has a mood for each session.
 *   <li>A value depends on the item (a smooth function of its latent vector, and a random vector)
 *       and on the event (a rating that follows taste, a dwell time, noise).
 *   <li>A query is a candidate item. Every second candidate is chosen as events are, the others
 *       uniformly among the items that exist, so many of them have hardly been seen. Queries are a
 *       learned map of latent vectors, scaled so that the logits have the given standard deviation.
 * </ul>
 */
public final class Recommender {
  private static final int DIM = 32;
  private static final double ROWS_FOR_AN_ITEM = 11.65;
  private static final double AT_FIRST = 0.3;
  private static final double ZIPF = 0.8;
  private static final int SESSION = 64;

  /** How much more often a new item is chosen, and how soon that ends. */
  private static final double NOVELTY = 8;

  private static final double NOVEL_FOR = 0.01;

  /**
   * Standard deviation over items, in nats, of the effect of taste and mood, for entries of size 1.
   */
  private static final double TASTE = 1.2;

  private static final double MOOD = 1.2;

  /** Share of the stream after which taste has been forgotten. */
  private static final double TASTE_LASTS = 0.2;

  /** Weights of the parts of a value: smooth and random parts of the item, event and noise. */
  private static final double SMOOTH = 0.8;

  private static final double OWN = 0.35;
  private static final double EVENT = 0.3;
  private static final double NOISE = 0.2;

  private final int rows;
  private final Random random;
  private final Catalogue catalogue;
  private final double[][] itemValues;
  private final double[] taste = new double[DIM];
  private final double[] mood = new double[DIM];
  private final double[] ratingDirection;
  private final double[] dwellDirection;

  private Recommender(int rows, long seed) {
    this.rows = rows;
    random = new Random(seed);
    int items = Math.max(2, (int) (rows / ROWS_FOR_AN_ITEM));
    catalogue = new Catalogue(items, DIM, AT_FIRST, ZIPF, random);
    itemValues = itemValues();
    ratingDirection = gaussian(DIM, 1);
    dwellDirection = gaussian(DIM, 1);
    for (int c = 0; c < DIM; c++) {
      taste[c] = random.nextGaussian();
    }
  }

  /**
   * Makes a stream of dimension 32.
   *
   * @param deviation standard deviation of the logits
   */
  public static Head stream(String name, int rows, double deviation, long seed) {
    return new Recommender(rows, seed).run(name, deviation);
  }

  private Head run(String name, double deviation) {
    float[] q = new float[rows * DIM];
    float[] k = new float[rows * DIM];
    float[] v = new float[rows * DIM];
    double[][] map = map();
    for (int from = 0; from < rows; from += SESSION) {
      double time = (double) from / rows;
      int released = catalogue.released(time);
      drift();
      double[] chances = chances(time, released);
      for (int j = from; j < Math.min(rows, from + SESSION); j++) {
        int item = choose(chances);
        int candidate = j % 2 == 0 ? choose(chances) : random.nextInt(released);
        for (int c = 0; c < DIM; c++) {
          k[j * DIM + c] = (float) catalogue.item(item)[c];
          q[j * DIM + c] = (float) dot(map[c], catalogue.item(candidate));
        }
        value(item, v, j * DIM);
      }
    }
    scale(q, deviation / deviation(q, k));
    return new Head(name, rows, DIM, DIM, q, k, v, 1);
  }

  /** Returns the part of a value that depends only on the item. */
  private double[][] itemValues() {
    double[][] directions = new double[DIM][];
    for (int c = 0; c < DIM; c++) {
      directions[c] = gaussian(DIM, 1 / Math.sqrt(DIM));
    }
    double[][] values = new double[catalogue.size()][DIM];
    for (int i = 0; i < values.length; i++) {
      for (int c = 0; c < DIM; c++) {
        double smooth = Math.sqrt(2) * StrictMath.sin(1.5 * dot(directions[c], catalogue.item(i)));
        values[i][c] = SMOOTH * smooth + OWN * random.nextGaussian();
      }
    }
    return values;
  }

  private void value(int item, float[] into, int at) {
    double liked = (dot(taste, catalogue.item(item)) + dot(mood, catalogue.item(item))) / DIM;
    double rating = StrictMath.tanh(liked + 0.5 * random.nextGaussian());
    double dwell = 0.7 * rating + 0.7 * random.nextGaussian();
    for (int c = 0; c < DIM; c++) {
      double event = rating * ratingDirection[c] + dwell * dwellDirection[c];
      double x = itemValues[item][c] + EVENT * event + NOISE * random.nextGaussian();
      into[at + c] = (float) (x / Math.sqrt(DIM));
    }
  }

  /** Moves taste a little and draws a new mood. */
  private void drift() {
    double stays = StrictMath.exp(-SESSION / (TASTE_LASTS * rows));
    double moves = Math.sqrt(1 - stays * stays);
    for (int c = 0; c < DIM; c++) {
      taste[c] = stays * taste[c] + moves * random.nextGaussian();
      mood[c] = random.nextGaussian();
    }
  }

  /** Returns the running sums of the weights of the released items. */
  private double[] chances(double time, int released) {
    double[] sums = new double[released];
    double sum = 0;
    for (int i = 0; i < released; i++) {
      double[] item = catalogue.item(i);
      double liked = TASTE * dot(taste, item) + MOOD * dot(mood, item);
      double age = time - catalogue.release(i);
      double novelty = 1 + NOVELTY * StrictMath.exp(-age / NOVEL_FOR);
      sum += catalogue.popularity(i) * novelty * StrictMath.exp(liked / Math.sqrt(DIM));
      sums[i] = sum;
    }
    return sums;
  }

  private int choose(double[] sums) {
    int below = Ascending.countUpTo(sums, random.nextDouble() * sums[sums.length - 1]);
    return Math.min(sums.length - 1, below);
  }

  /** Returns the learned map of items to queries: near the identity, not symmetric. */
  private double[][] map() {
    double[][] map = new double[DIM][];
    for (int c = 0; c < DIM; c++) {
      map[c] = gaussian(DIM, 0.6 / Math.sqrt(DIM));
      map[c][c] += 0.8;
    }
    return map;
  }

  private double[] gaussian(int length, double deviation) {
    return IntStream.range(0, length).mapToDouble(c -> deviation * random.nextGaussian()).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int c = 0; c < a.length; c++) {
      sum += a[c] * b[c];
    }
    return sum;
  }

  private static void scale(float[] x, double factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= (float) factor;
    }
  }

  private static double deviation(float[] q, float[] k) {
    Head unscaled = new Head("", q.length / DIM, DIM, DIM, q, k, k, 1);
    return Logits.sample(unscaled, 1_024).deviation();
  }
}
