// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComplaintTest {

  @Test
  void returnsTheInnermostCauseWithoutIdsAndAddresses() {
    assertThat(
            Complaint.of(
                """
                org.apache.flink.JobException: Recovery failed
                \tat org.apache.flink.Some.method(Some.java:1)
                Caused by: java.util.concurrent.TimeoutException: Heartbeat of TaskManager with id \
                127.0.0.1:39301-e5a1b2 timed out.
                \tat org.apache.flink.Some.method(Some.java:1)
                \t... 3 more
                """))
        .isEqualTo("TimeoutException: Heartbeat of TaskManager with id HOST timed out.");
  }

  @Test
  void replacesAddresses() {
    assertThat(Complaint.of("X: closed by '127.0.0.1/127.0.0.1:36617 [ 127.0.0.1:39301-e5a1 ] '"))
        .isEqualTo("X: closed by 'HOST [ HOST ] '");
  }

  @Test
  void returnsTheOnlyExceptionOfAStackTrace() {
    assertThat(Complaint.of("java.io.IOException: No space left on device\n\tat a.B.c(B.java:1)"))
        .isEqualTo("IOException: No space left on device");
  }
}
