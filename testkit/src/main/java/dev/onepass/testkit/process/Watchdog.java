// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * A shell that kills the processes that a JVM started once that JVM has ended, even if the JVM was
 * killed or the processes are paused. The shell reads their ids from its input and acts when the
 * input ends.
 */
final class Watchdog implements AutoCloseable {

  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      watched=' '
      while read -r what pid; do
        case $what in
          watch) watched="$watched$pid " ;;
          forget) watched="${watched%% $pid *} ${watched#* $pid }" ;;
        esac
      done
      for pid in $watched; do kill -KILL "$pid"; done
      """;

  private final Writer orders;

  Watchdog() throws IOException {
    Process shell =
        new ProcessBuilder("sh", "-c", SCRIPT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    orders = shell.outputWriter(StandardCharsets.US_ASCII);
  }

  /** Watches a process until it ends. */
  // The future is not needed: a watchdog that is gone has nothing to forget.
  @SuppressWarnings("FutureReturnValueIgnored")
  void watch(Process process) {
    order("watch", process.pid());
    process.onExit().thenRun(() -> order("forget", process.pid()));
  }

  private synchronized void order(String what, long pid) {
    try {
      orders.write(what + " " + pid + "\n");
      orders.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the watchdog is gone", e);
    }
  }

  /** Kills all watched processes. */
  @Override
  public synchronized void close() throws IOException {
    orders.close();
  }
}
