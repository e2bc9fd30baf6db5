// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks which timestamps are taken. */
class EventTimeTest {
  private static final long NOW = 1_800_000_000_000L;

  private static EventTime ahead(Duration ahead) {
    return new EventTime(Duration.ZERO, Duration.ofSeconds(1), ahead);
  }

  @ParameterizedTest
  @CsvSource({
    "0, true",
    "999999999, true",
    "1000000000, false",
    "1800000000, false",
    "9999999999, false",
    "10000000000, true",
    "1800000000000, true",
    "1800000600000, true",
    "1800000600001, false",
    "4102444800000, false",
    "9223372036854775807, false",
    "-1, false",
    "-9223372036854775808, false"
  })
  void timestampsUpToTheBoundAreTaken(long timestamp, boolean taken) {
    EventTime eventTime = ahead(Duration.ofMinutes(10));

    assertThat(eventTime.takes(timestamp, NOW)).isEqualTo(taken);
    assertThat(eventTime.refusal(timestamp, NOW) == null).isEqualTo(taken);
  }

  @Test
  void aRefusalSaysHowFarAheadAndWhatToDo() {
    EventTime eventTime = ahead(Duration.ofMinutes(10));

    assertThat(eventTime.refusal(4_102_444_800_000L, NOW))
        .isEqualTo(
            "timestamp: 4102444800000 is 2302444800000 ms ahead of the clock, but order.ahead allows only 600000 ms; correct the clock of the producer and send the record again, or raise order.ahead");
    assertThat(eventTime.refusal(-1, NOW))
        .isEqualTo(
            "timestamp: -1, the record has none, but order.mode event-time needs one; set it in the producer, or in the broker (message.timestamp.type LogAppendTime)");
  }

  /** Uses times of 2027 in seconds, microseconds and nanoseconds. */
  @Test
  void aRefusalNamesTheUnitThatTheTimestampSeemsToHave() {
    EventTime eventTime = ahead(Duration.ofMinutes(10));

    assertThat(eventTime.refusal(NOW / 1_000, NOW))
        .isEqualTo(
            "timestamp: 1800000000 looks like seconds, but Kafka timestamps are milliseconds; multiply it by 1000 in the producer, and send the record again");
    assertThat(eventTime.refusal(NOW * 1_000, NOW))
        .contains("order.ahead")
        .contains("looks like microseconds or nanoseconds");
    assertThat(eventTime.refusal(NOW * 1_000_000, NOW))
        .contains("looks like microseconds or nanoseconds");
  }

  @Test
  void theLongestBoundDoesNotOverflow() {
    EventTime eventTime = ahead(Duration.ofDays(36_500));

    assertThat(eventTime.takes(4_102_444_800_000L, NOW)).isTrue();
    assertThat(eventTime.takes(Long.MAX_VALUE, NOW)).isFalse();
  }
}
