// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {

  private final ProcessBuilder sleep = new ProcessBuilder("sleep", "30");
  private Process watched;

  @AfterEach
  void endProcess() {
    watched.destroyForcibly();
  }

  @Test
  void killsARunningProcessWhenItsInputEnds() throws Exception {
    Watchdog watchdog = new Watchdog();
    watched = sleep.start();
    watchdog.watch(watched);
    assertThat(watched.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();

    // A pipe also closes when the process at its other end is killed.
    watchdog.close();

    assertThat(watched.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void killsAPausedProcess() throws Exception {
    Watchdog watchdog = new Watchdog();
    watched = sleep.start();
    watchdog.watch(watched);
    new ProcessBuilder("sh", "-c", "kill -STOP " + watched.pid()).start().waitFor();

    watchdog.close();

    assertThat(watched.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void killsOtherProcessesAfterOneHasEnded() throws Exception {
    Watchdog watchdog = new Watchdog();
    watched = sleep.start();
    Process brief = new ProcessBuilder("true").start();
    watchdog.watch(brief);
    watchdog.watch(watched);
    assertThat(brief.waitFor(10, TimeUnit.SECONDS)).isTrue();

    watchdog.close();

    assertThat(watched.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
