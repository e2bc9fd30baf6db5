// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import dev.onepass.datasets.numbers.Ascending;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Items of a shop or a film service, in the order of their release. Their latent vectors form
 * genres, sub-genres and series: each item joins a group with a probability proportional to its
 * size, or starts a new group (a nested Chinese restaurant process). Group sizes therefore differ
 * widely, and new groups keep appearing. Popularity follows Zipf's law and is independent of the
 * release.
 */
final class Catalogue {
  /** Standard deviation of a group's centre around the centre of its parent group. */
  private static final double[] GROUP_DEVIATION = {0.6, 0.5, 0.4};

  /** Weight, in items, of starting a new group. */
  private static final double[] NEW_GROUP = {3, 4, 3};

  /** Standard deviation of an item around the centre of its series. */
  private static final double OWN_DEVIATION = 0.35;

  private final int dim;
  private final double[][] items;
  private final int[] genres;
  private final double[] popularity;
  private final double[] release;

  /**
   * Makes a catalogue.
   *
   * @param atFirst share of the items that exist at time 0; the others appear evenly until time 1
   * @param zipf exponent of Zipf's law
   */
  Catalogue(int size, int dim, double atFirst, double zipf, Random random) {
    this.dim = dim;
    Group all = new Group(new double[dim], 0);
    items = new double[size][];
    genres = new int[size];
    release = new double[size];
    for (int i = 0; i < size; i++) {
      Group series = all.place(0, random);
      items[i] = near(series.centre, OWN_DEVIATION, random);
      genres[i] = series.genre;
      release[i] = Math.max(0, (i + 1.0 - atFirst * size) / (size * (1 - atFirst)));
    }
    List<Integer> ranks = new ArrayList<>(IntStream.rangeClosed(1, size).boxed().toList());
    Collections.shuffle(ranks, random);
    popularity = ranks.stream().mapToDouble(rank -> StrictMath.pow(rank, -zipf)).toArray();
  }

  int size() {
    return items.length;
  }

  int dim() {
    return dim;
  }

  /** Returns the latent vector of an item. */
  double[] item(int i) {
    return items[i];
  }

  /** Returns the genre of an item, from 0 in the order in which genres appear. */
  int genre(int i) {
    return genres[i];
  }

  /** Returns how often an item is chosen without regard to taste, relative to other items. */
  double popularity(int i) {
    return popularity[i];
  }

  /** Returns when an item appears: 0 is the beginning of the stream, 1 its end. */
  double release(int i) {
    return release[i];
  }

  /** Returns how many items, from the first on, exist at a time. */
  int released(double time) {
    return Ascending.countUpTo(release, time);
  }

  private static double[] near(double[] centre, double deviation, Random random) {
    double[] vector = centre.clone();
    for (int c = 0; c < vector.length; c++) {
      vector[c] += deviation * random.nextGaussian();
    }
    return vector;
  }

  private static final class Group {
    private final double[] centre;
    private final int genre;
    private final List<Group> parts = new ArrayList<>();
    private int members;

    Group(double[] centre, int genre) {
      this.centre = centre;
      this.genre = genre;
    }

    /** Returns the group of the last level that the next item belongs to. */
    Group place(int level, Random random) {
      members++;
      return level == GROUP_DEVIATION.length ? this : part(level, random).place(level + 1, random);
    }

    private Group part(int level, Random random) {
      double chosen = random.nextDouble() * (members - 1 + NEW_GROUP[level]);
      for (Group part : parts) {
        chosen -= part.members;
        if (chosen < 0) {
          return part;
        }
      }
      int foundedGenre = level == 0 ? parts.size() : genre;
      Group founded = new Group(near(centre, GROUP_DEVIATION[level], random), foundedGenre);
      parts.add(founded);
      return founded;
    }
  }
}
