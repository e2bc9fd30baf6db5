// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ProcessesTest {

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @Test
  void pausedProcessStopsUntilItIsResumed() throws Exception {
    ChildProcess clock =
        PROCESSES.start(
            "clock", List.of("sh", "-c", "while :; do echo tick; sleep 0.02; done"), Map.of());
    Awaitility.await().until(() -> clock.output().contains("tick"));

    clock.pause();
    String before = clock.output();
    Thread.sleep(300);
    assertThat(clock.output()).isEqualTo(before);
    assertThat(clock.isAlive()).isTrue();

    clock.resume();
    Awaitility.await().until(() -> clock.output().length() > before.length());
    clock.kill();
    assertThat(clock.isAlive()).isFalse();
    assertThat(clock.tail(1)).contains("clock ended with").endsWith("tick");
  }

  @Test
  void runReportsTheOutputOfAFailedProcess() {
    assertThatThrownBy(
            () ->
                PROCESSES.run(
                    "failing",
                    List.of("sh", "-c", "echo $WORD >&2; exit 3"),
                    Map.of("WORD", "why"),
                    Duration.ofSeconds(10)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("failing ended with 3")
        .hasMessageContaining("why");
  }

  @Test
  void runEndsAProcessThatTakesTooLong() {
    assertThatThrownBy(
            () ->
                PROCESSES.run("endless", List.of("sleep", "30"), Map.of(), Duration.ofMillis(200)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("endless did not end");
  }
}
