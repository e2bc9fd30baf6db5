// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.SequenceKey;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentSequencesTest {
  private static final long MAX_BYTES = 1 << 20;

  private static SequenceKey key(int number, int idLength) {
    return new SequenceKey("h", ("%0" + idLength + "d").formatted(number), 0);
  }

  @ParameterizedTest(name = "ids of {0} characters")
  @ValueSource(ints = {5, 36, 1024})
  void staysWithinItsBytesForAnyLengthOfIds(int idLength) {
    RecentSequences<Long> recent = new RecentSequences<>(MAX_BYTES, 24);
    int all = 20_000;
    for (int i = 0; i < all; i++) {
      recent.put(key(i, idLength), (long) i);
    }

    long noted = IntStream.range(0, all).filter(i -> recent.get(key(i, idLength)) != null).count();
    // Java takes two bytes for each character of an id with characters beyond Latin-1.
    assertThat(noted * (2L * idLength + 200)).isLessThanOrEqualTo(MAX_BYTES);
    assertThat(noted).isGreaterThan(MAX_BYTES / (2 * idLength + 300));
    assertThat(recent.get(key(0, idLength))).isNull();
    assertThat(recent.get(key(all - 1, idLength))).isEqualTo(all - 1L);
  }

  @Test
  void removedAndReplacedNotesDoNotAddUp() {
    RecentSequences<Long> recent = new RecentSequences<>(1_000, 24);
    for (int i = 0; i < 1_000; i++) {
      recent.put(new SequenceKey("h", "same", 0), (long) i);
      recent.put(new SequenceKey("h", "other", 0), (long) i);
      recent.remove(new SequenceKey("h", "other", 0));
      recent.remove(new SequenceKey("h", "never", 0));
    }

    assertThat(recent.get(new SequenceKey("h", "other", 0))).isNull();
    assertThat(recent.get(new SequenceKey("h", "same", 0))).isEqualTo(999);
  }
}
