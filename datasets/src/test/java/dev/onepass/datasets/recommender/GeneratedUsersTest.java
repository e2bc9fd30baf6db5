// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.ratings.Events;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GeneratedUsersTest {
  private static final int USERS = 300;
  private static final int ITEMS = 2_000;
  private static final int DIM = 8;
  private static final long SEED = 7;

  private static GeneratedUsers generated;
  private static Events events;
  private static Catalogue catalogue;

  @BeforeAll
  static void generate() {
    generated = new GeneratedUsers(USERS, ITEMS, DIM, SEED);
    events = generated.events();
    // The catalogue is what the generator makes first.
    catalogue = new Catalogue(ITEMS, DIM, 0.5, 1, new Random(SEED));
  }

  @Test
  void noItemIsChosenBeforeItsRelease() {
    long period = 1L << 40;
    int late = 0;
    for (int e = 0; e < events.count(); e++) {
      double release = catalogue.release(events.items()[e]);
      assertThat((double) events.times()[e] / period).isGreaterThanOrEqualTo(release - 1e-9);
      late += release > 0 ? 1 : 0;
    }
    assertThat(IntStream.range(0, ITEMS).filter(i -> catalogue.release(i) > 0).count())
        .isEqualTo(ITEMS / 2);
    assertThat((double) late / events.count()).isBetween(0.1, 0.4);
  }

  @Test
  void lengthsHaveAParetoTail() {
    Random random = new Random(3);
    double[] lengths =
        IntStream.range(0, 200_000)
            .mapToDouble(i -> GeneratedUsers.length(random))
            .sorted()
            .toArray();

    assertThat(lengths[0]).isEqualTo(64);
    assertThat(lengths[lengths.length - 1]).isBetween(20_000.0, 100_000.0);
    for (double share : new double[] {0.5, 0.1, 0.01}) {
      double expected = 64 * Math.pow(share, -1 / 1.2);
      double found = lengths[(int) ((1 - share) * lengths.length)];
      assertThat(found / expected).as("share %s", share).isEqualTo(1, within(0.05));
    }
    assertThat(IntStream.of(events.countsOfUsers()).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(64, 100_000));
  }

  @Test
  void popularityFollowsZipfsLaw() {
    // Items that exist from the first event on, in the order of their popularity.
    int[] ranked =
        IntStream.range(0, ITEMS / 2)
            .boxed()
            .sorted((a, b) -> Double.compare(catalogue.popularity(b), catalogue.popularity(a)))
            .mapToInt(i -> i)
            .toArray();
    double[] counts = new double[ITEMS];
    for (int item : events.items()) {
      counts[item]++;
    }
    // Users differ in taste, so only sums over many items are near the law.
    double head = IntStream.of(ranked).limit(30).mapToDouble(i -> counts[i]).sum();
    double tail = IntStream.of(ranked).skip(500).mapToDouble(i -> counts[i]).sum();
    double headLaw = IntStream.of(ranked).limit(30).mapToDouble(catalogue::popularity).sum();
    double tailLaw = IntStream.of(ranked).skip(500).mapToDouble(catalogue::popularity).sum();
    assertThat(head / tail / (headLaw / tailLaw)).isBetween(0.6, 1.6);
    double[] popularity =
        IntStream.range(0, ITEMS).mapToDouble(catalogue::popularity).sorted().toArray();
    assertThat(popularity[ITEMS - 1] / popularity[ITEMS - 10]).isEqualTo(10, within(1e-9));
  }

  @Test
  void usersBeginOverTheWholePeriod() {
    double[] first = new double[USERS];
    Arrays.fill(first, 1);
    for (int e = 0; e < events.count(); e++) {
      int user = events.users()[e];
      first[user] = Math.min(first[user], (double) events.times()[e] / (1L << 40));
    }
    Arrays.sort(first);
    assertThat(first[USERS / 4]).isEqualTo(0.25, within(0.08));
    assertThat(first[3 * USERS / 4]).isEqualTo(0.75, within(0.08));
    assertThat(events.times()).isSorted();
  }

  @Test
  void usersChooseTheGenresTheyLikeAndRateThemHigher() {
    // Share of a user's events in the genre that the user chooses most, by all and by one user.
    double[][] counts = new double[USERS][];
    int genres = Genre.all(catalogue).size();
    Arrays.setAll(counts, u -> new double[genres]);
    double[] all = new double[genres];
    double[][] sums = new double[USERS][genres];
    for (int e = 0; e < events.count(); e++) {
      int genre = catalogue.genre(events.items()[e]);
      counts[events.users()[e]][genre]++;
      sums[events.users()[e]][genre] += events.ratings()[e];
      all[genre]++;
    }
    double own = 0;
    double ratingOfMost = 0;
    double rating = 0;
    for (int u = 0; u < USERS; u++) {
      int most = most(counts[u]);
      own += counts[u][most] / Arrays.stream(counts[u]).sum() / USERS;
      ratingOfMost += sums[u][most] / counts[u][most] / USERS;
      rating += Arrays.stream(sums[u]).sum() / Arrays.stream(counts[u]).sum() / USERS;
    }
    assertThat(own).isGreaterThan(1.3 * all[most(all)] / events.count());
    assertThat(ratingOfMost).isGreaterThan(rating + 0.1);
    assertThat(events.middle()).isEqualTo(2.75);
  }

  @Test
  void tasteDrifts() {
    Taste taste = new Taste(Genre.all(catalogue), new Random(1));
    double[] early = genres(taste, 16);
    double[] soon = genres(taste, 16);
    taste.visit(0.5, 10_000);
    double[] late = genres(taste, 16);

    assertThat(distance(early, soon)).isLessThan(0.5 * distance(early, late));
  }

  @Test
  void vectorsHaveLengthOne() {
    assertThat(Arrays.asList(generated.itemVectors()))
        .hasSize(ITEMS)
        .allSatisfy(
            vector -> {
              double squares = 0;
              for (float x : vector) {
                squares += x * x;
              }
              assertThat(squares).isEqualTo(1, within(1e-5));
            });
  }

  @Test
  void equalSeedsGiveEqualEvents() {
    GeneratedUsers again = new GeneratedUsers(USERS, ITEMS, DIM, SEED);
    assertThat(again.events().users()).isEqualTo(events.users());
    assertThat(again.events().items()).isEqualTo(events.items());
    assertThat(again.events().ratings()).isEqualTo(events.ratings());
    assertThat(again.events().times()).isEqualTo(events.times());
    assertThat(again.itemVectors()).isDeepEqualTo(generated.itemVectors());
    assertThat(new GeneratedUsers(USERS, ITEMS, DIM, 8).events().items())
        .isNotEqualTo(events.items());
  }

  private static double[] genres(Taste taste, int since) {
    taste.visit(0.5, since);
    double[] shares = new double[Genre.all(catalogue).size()];
    for (int i = 0; i < 4_000; i++) {
      shares[catalogue.genre(taste.choose())] += 1 / 4_000.0;
    }
    return shares;
  }

  private static double distance(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).sum();
  }

  private static int most(double[] x) {
    return IntStream.range(0, x.length).reduce((a, b) -> x[b] > x[a] ? b : a).orElseThrow();
  }
}
