package dev.onepass.datasets.recommender;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Items of a shop or a film service, in the order in which they are released. Their latent vectors
 * lie in genres, sub-genres and series: each item joins a group as likely as the group is large, or
 * founds one (a nested Chinese restaurant process), so that groups are of very different sizes and
 * new ones appear for ever. Popularity is Zipf's, drawn apart from the release.
 */
final class Catalogue {
  /** Standard deviation of a group's centre around that of the group it lies in. */
  private static final double[] GROUP_DEVIATION = {0.6, 0.5, 0.4};

  /** Groups are founded as if there were so many items more. */
  private static final double[] NEW_GROUP = {3, 4, 3};

  /** Standard deviation of an item around the centre of its series. */
  private static final double OWN_DEVIATION = 0.35;

  private static final double ZIPF = 0.8;

  private final int dim;
  private final double[][] items;
  private final double[] popularity;
  private final double[] release;

  /**
   * Makes a catalogue.
   *
   * @param atFirst share of the items that are there at time 0; the others come evenly until 1
   */
  Catalogue(int size, int dim, double atFirst, Random random) {
    this.dim = dim;
    Group all = new Group(new double[dim]);
    items = new double[size][];
    release = new double[size];
    for (int i = 0; i < size; i++) {
      items[i] = near(all.place(0, random).centre, OWN_DEVIATION, random);
      release[i] = Math.max(0, (i + 1.0 - atFirst * size) / (size * (1 - atFirst)));
    }
    List<Integer> ranks = new ArrayList<>(IntStream.rangeClosed(1, size).boxed().toList());
    Collections.shuffle(ranks, random);
    popularity = ranks.stream().mapToDouble(rank -> StrictMath.pow(rank, -ZIPF)).toArray();
  }

  int size() {
    return items.length;
  }

  int dim() {
    return dim;
  }

  /** Latent vector of an item. */
  double[] item(int i) {
    return items[i];
  }

  /** How often an item is chosen, relative to others, by who has no taste. */
  double popularity(int i) {
    return popularity[i];
  }

  /** When an item appears: 0 is the stream's beginning, 1 its end. */
  double release(int i) {
    return release[i];
  }

  /** Items that are there at a time; they are the first ones. */
  int released(double time) {
    int count = 0;
    while (count < release.length && release[count] <= time) {
      count++;
    }
    return count;
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
    private final List<Group> parts = new ArrayList<>();
    private int members;

    Group(double[] centre) {
      this.centre = centre;
    }

    /** The group of the last level that the next item belongs to. */
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
      Group founded = new Group(near(centre, GROUP_DEVIATION[level], random));
      parts.add(founded);
      return founded;
    }
  }
}
