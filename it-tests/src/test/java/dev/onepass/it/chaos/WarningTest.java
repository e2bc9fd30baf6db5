// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class WarningTest {

  @Test
  void returnsTheFirstWarningOfTheJobSinceThatTime() {
    String log =
        """
        10:22:12,000 WARN  d.o.j.k.Sink - before
        10:22:13,001 WARN  o.a.k.c.Client - of Kafka
        10:22:13,002 INFO  d.o.j.k.Sink - no warning
        10:22:13,003 ERROR d.o.j.k.Sink - 3 transactions were aborted
        10:22:14,000 WARN  d.o.j.k.Sink - later
        """;
    assertThat(
            Warning.firstSince(
                LocalDate.now(ZoneId.systemDefault())
                    .atTime(LocalTime.of(10, 22, 13))
                    .atZone(ZoneId.systemDefault())
                    .toInstant(),
                log))
        .contains("3 transactions were aborted");
  }
}
