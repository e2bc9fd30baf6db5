// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.SequenceKey;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {

  private final Shards shards = new Shards();

  private static int group(SequenceKey key) {
    return KeyGroupRangeAssignment.assignToKeyGroup(key, Shards.KEY_GROUPS);
  }

  @ParameterizedTest(name = "{0} shards")
  @ValueSource(ints = {2, 4, 8, 16, 128})
  void shardsAreEvenlySpacedOnTheCircleOfKeyGroups(int count) {
    for (int i = 0; i < 200; i++) {
      SequenceKey sequence = new SequenceKey("h" + i % 3, "user-" + i, 0);
      int[] groups =
          IntStream.range(0, count).map(s -> group(shards.key(sequence, s))).sorted().toArray();
      for (int s = 0; s < count; s++) {
        int gap = Math.floorMod(groups[(s + 1) % count] - groups[s], Shards.KEY_GROUPS);
        assertThat(gap).as("%s: %s", sequence, Arrays.toString(groups)).isEqualTo(1024 / count);
      }
    }
  }

  /** No choice of keys can do better. */
  @ParameterizedTest(name = "{0} shards")
  @ValueSource(ints = {2, 4, 8, 16})
  void noSubtaskHasMoreThanItsShare(int count) {
    for (int parallelism = 1; parallelism <= 16; parallelism++) {
      int most = (count + parallelism - 1) / parallelism;
      for (int i = 0; i < 300; i++) {
        SequenceKey sequence = new SequenceKey("default", "sequence-" + i, 0);
        int[] held = new int[parallelism];
        for (int shard = 0; shard < count; shard++) {
          held[
              KeyGroupRangeAssignment.assignKeyToParallelOperator(
                  shards.key(sequence, shard), Shards.KEY_GROUPS, parallelism)]++;
        }
        assertThat(Arrays.stream(held).max().getAsInt())
            .as("%s on %d: %s", sequence, parallelism, Arrays.toString(held))
            .isEqualTo(most);
        assertThat(Arrays.stream(held).min().getAsInt()).isEqualTo(count / parallelism);
      }
    }
  }

  /** Savepoints hold these keys. */
  @Test
  void keysOfShardsAreFrozen() {
    SequenceKey sequence = new SequenceKey("default", "user-1", 0);

    assertThat(IntStream.range(0, 5).map(s -> shards.key(sequence, s).shard()))
        .containsExactly(KEYS);
    assertThat(IntStream.range(0, 5).map(s -> group(shards.key(sequence, s))))
        .containsExactly(GROUPS);
  }

  private static final Integer[] KEYS = {0, 7937, 135298, 103299, 6532};
  private static final Integer[] GROUPS = {237, 749, 493, 1005, 365};

  @Test
  void theFirstShardHasTheKeyOfTheWholeSequence() {
    SequenceKey sequence = new SequenceKey("h", "s", 0);

    assertThat(shards.key(sequence, 0)).isEqualTo(sequence);
    for (int shard = 0; shard < ShardOptions.MAX_COUNT; shard++) {
      SequenceKey key = shards.key(sequence, shard);
      assertThat(Shards.number(key)).isEqualTo(shard);
      assertThat(Shards.whole(key)).isEqualTo(sequence);
      assertThat(shards.key(sequence, shard)).as("cached").isEqualTo(key);
      assertThat(new Shards().key(sequence, shard)).as("computed again").isEqualTo(key);
    }
  }

  @Test
  void blocksOfPositionsGoToTheShardsInTurn() {
    assertThat(LongStream.range(0, 14).map(p -> Shards.of(p, 3, 4)))
        .containsExactly(0L, 0L, 0L, 1L, 1L, 1L, 2L, 2L, 2L, 3L, 3L, 3L, 0L, 0L);
    assertThat(Shards.of(Long.MAX_VALUE, 256, 128)).isBetween(0, 127);
  }

  @Test
  void positionsOfAShardAreCounted() {
    Random random = new Random(3);
    for (int trial = 0; trial < 2_000; trial++) {
      int cut = 1 + random.nextInt(5);
      int count = 1 << random.nextInt(4);
      int number = random.nextInt(count + 1);
      long begin = random.nextInt(60);
      long end = begin + random.nextInt(60);
      assertThat(Shards.positions(number, begin, end, cut, count))
          .isEqualTo(
              LongStream.range(begin, end).filter(p -> Shards.of(p, cut, count) == number).count());
    }
    assertThat(Shards.positions(0, 0, Long.MAX_VALUE, 256, 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(Shards.positions(3, Long.MAX_VALUE - 1, Long.MAX_VALUE, 256, 128)).isZero();
  }

  /** The next position overflows if the last one is the highest. */
  @Test
  void noPositionsFollowTheHighestOne() {
    long next = Long.MAX_VALUE + 1;
    for (int shard = 0; shard < 4; shard++) {
      assertThat(Shards.positions(shard, next, 5, 256, 4)).isZero();
      assertThat(Shards.positions(shard, next, Long.MAX_VALUE, 256, 4)).isZero();
    }
  }
}
