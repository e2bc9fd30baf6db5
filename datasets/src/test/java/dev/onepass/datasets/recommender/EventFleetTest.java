// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.ratings.Events;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EventFleetTest {
  private static final int ROWS = 4_000;
  private static final int USERS = 10;
  private static final double BETA = 3;
  private static final Offset<Float> TINY = within(1e-5f);

  /** Items appear one after the other: the item of an event is at most a fourth of its row. */
  private final Events events = randomEvents();

  private final float[][] keys = vectors(1);
  private final float[][] values = vectors(2);

  @Test
  void keysAndValuesAreThoseOfTheItem() {
    Fleet fleet = new EventFleet(events, 5, keys, values, 0, BETA).rows("X", 7);

    assertThat(fleet.sequences()).isEqualTo(events.users());
    assertThat(fleet.items()).hasValueSatisfying(i -> assertThat(i).isEqualTo(events.items()));
    for (int row = 0; row < ROWS; row++) {
      int item = events.items()[row];
      assertThat(vector(fleet.head().keys(), row)).isEqualTo(keys[item]);
      float liked = events.ratings()[row] - 5;
      assertThat(vector(fleet.head().values(), row))
          .containsExactly(new float[] {liked * values[item][0], liked * values[item][1]}, TINY);
    }
  }

  @Test
  void evenRowsAskForTheUsersNextItem() {
    float[] queries = new EventFleet(events, 5, keys, keys, 0, BETA).rows("X", 7).head().queries();

    int asked = 0;
    for (int row = 0; row < ROWS; row += 2) {
      int next = next(row);
      if (next >= 0) {
        assertThat(candidate(queries, row)).isEqualTo(events.items()[next]);
        asked++;
      }
    }
    assertThat(asked).isBetween(ROWS / 2 - USERS, ROWS / 2);
  }

  @Test
  void otherRowsAskForItemsSeenSoFarByPopularity() {
    float[] queries = new EventFleet(events, 5, keys, keys, 0, BETA).rows("X", 7).head().queries();

    Set<Integer> seen = new HashSet<>();
    double ranks = 0;
    int rows = 0;
    for (int row = 0; row < ROWS; row++) {
      seen.add(events.items()[row]);
      if (row % 2 == 1 || next(row) < 0) {
        int candidate = candidate(queries, row);
        assertThat(seen).contains(candidate);
        double below =
            IntStream.of(events.items()).limit(row + 1).filter(i -> i < candidate).count();
        double same =
            IntStream.of(events.items()).limit(row + 1).filter(i -> i == candidate).count();
        ranks += (below + same / 2) / (row + 1);
        rows++;
      }
    }
    // A row drawn uniformly has a uniform rank, whose mean over 2 000 rows deviates by .0065.
    assertThat(ranks / rows).isEqualTo(0.5, within(0.025));
  }

  @Test
  void noiseIsAddedToValuesOnly() {
    Fleet plain = new EventFleet(events, 5, keys, values, 0, BETA).rows("X", 7);
    Fleet noisy = new EventFleet(events, 5, keys, values, 0.1, BETA).rows("X", 7);

    assertThat(noisy.head().keys()).isEqualTo(plain.head().keys());
    assertThat(noisy.head().queries()).isEqualTo(plain.head().queries());
    double squares = 0;
    for (int i = 0; i < 2 * ROWS; i++) {
      squares += Math.pow(noisy.head().values()[i] - plain.head().values()[i], 2);
    }
    assertThat(Math.sqrt(squares / (2 * ROWS))).isEqualTo(0.1, within(0.005));
  }

  @Test
  void equalSeedsGiveEqualRowsAndOtherSeedsOtherQueries() {
    EventFleet rows = new EventFleet(events, 5, keys, values, 0.1, BETA);

    Head first = rows.rows("X", 7).head();
    Head again = rows.rows("X", 7).head();

    assertThat(again.queries()).isEqualTo(first.queries());
    assertThat(again.values()).isEqualTo(first.values());
    assertThat(rows.rows("X", 8).head().queries()).isNotEqualTo(first.queries());
  }

  private int next(int row) {
    return IntStream.range(row + 1, ROWS)
        .filter(later -> events.users()[later] == events.users()[row])
        .findFirst()
        .orElse(-1);
  }

  private int candidate(float[] queries, int row) {
    float[] query = vector(queries, row);
    return IntStream.range(0, keys.length)
        .filter(i -> Arrays.equals(query, new float[] {times(keys[i][0]), times(keys[i][1])}))
        .findFirst()
        .orElseThrow();
  }

  private static float times(float x) {
    return (float) (BETA * x);
  }

  private static float[] vector(float[] rows, int row) {
    return Arrays.copyOfRange(rows, 2 * row, 2 * row + 2);
  }

  private static Events randomEvents() {
    Random random = new Random(5);
    int[] users = random.ints(ROWS, 0, USERS).toArray();
    int[] items = IntStream.range(0, ROWS).map(row -> random.nextInt(row / 4 + 1)).toArray();
    float[] ratings = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      ratings[row] = random.nextInt(11);
    }
    return new Events(users, items, ratings, new long[ROWS], USERS, ROWS / 4);
  }

  private static float[][] vectors(long seed) {
    Random random = new Random(seed);
    float[][] vectors = new float[ROWS / 4][];
    for (int i = 0; i < vectors.length; i++) {
      double angle = 2 * Math.PI * random.nextDouble();
      vectors[i] = new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
    }
    return vectors;
  }
}
