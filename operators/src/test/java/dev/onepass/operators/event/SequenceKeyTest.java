// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SequenceKeyTest {
  private static final int IDS = 1 << 14;
  private static final int KEY_GROUPS = 1024;

  private static Stream<List<SequenceKey>> families() {
    return Stream.of(
        // Equal hash codes in Java: "Aa" and "BB" collide, and so do strings made of them.
        keys(i -> pairs(i, "Aa", "BB")),
        // Hash code 0 in Java.
        keys(i -> "\0".repeat(i % 1_000 + 1)),
        keys(i -> "a".repeat(1_000) + i),
        keys(Integer::toString),
        // Equal concatenations of head and id.
        IntStream.range(1, 500)
            .mapToObj(i -> new SequenceKey("a".repeat(i), "a".repeat(500 - i), 0))
            .toList(),
        // Many salted shard numbers of one sequence.
        IntStream.range(0, IDS).mapToObj(i -> new SequenceKey("h", "s", i)).toList());
  }

  private static List<SequenceKey> keys(IntFunction<String> id) {
    return IntStream.range(0, IDS)
        .mapToObj(id)
        .distinct()
        .map(sequence -> new SequenceKey("h", sequence, 0))
        .toList();
  }

  private static String pairs(int bits, String zero, String one) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < 14; bit++) {
      text.append((bits >> bit & 1) == 0 ? zero : one);
    }
    return text.toString();
  }

  @ParameterizedTest
  @MethodSource("families")
  void hashesAndKeyGroupsLookRandom(List<SequenceKey> keys) {
    Map<Integer, Integer> byHash = new HashMap<>();
    int[] byGroup = new int[KEY_GROUPS];
    for (SequenceKey key : keys) {
      byHash.merge(key.hashCode(), 1, Integer::sum);
      byGroup[KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS)]++;
    }
    // 16 384 random hashes have 0.03 collisions. A group has 16 keys; 50 occur once in 10^10.
    assertThat(byHash.size()).isGreaterThan(keys.size() - 4);
    assertThat(IntStream.of(byGroup).max().getAsInt()).isLessThan(50);
  }

  @ParameterizedTest
  @MethodSource("families")
  void orderAgreesWithEquals(List<SequenceKey> keys) {
    List<SequenceKey> sorted = keys.stream().sorted().toList();
    for (int i = 1; i < sorted.size(); i++) {
      SequenceKey before = sorted.get(i - 1);
      SequenceKey key = sorted.get(i);
      assertThat(before.compareTo(key)).isNegative();
      assertThat(key.compareTo(before)).isPositive();
      assertThat(key).isNotEqualTo(before);
      SequenceKey same = new SequenceKey(key.head(), key.sequence(), key.shard());
      assertThat(same).isEqualTo(key).isEqualByComparingTo(key).hasSameHashCodeAs(key);
      assertThat(before.withShard(9))
          .isEqualTo(new SequenceKey(before.head(), before.sequence(), 9));
    }
  }
}
