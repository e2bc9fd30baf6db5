// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.progress;

import java.io.Console;
import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress bars on standard error. If standard error is not a terminal, a line every few seconds.
 */
public final class Progress {
  private static final int LINE_MILLIS = 4_000;
  private static final int LINE_LENGTH = 110;

  private Progress() {}

  /**
   * Opens a bar.
   *
   * @param task name of the task
   * @param max the count at which the task is done
   */
  public static ProgressBar bar(String task, long max) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder().setTaskName(String.format("%-16s", task)).setInitialMax(max);
    if (!isTerminal()) {
      builder
          .setStyle(ProgressBarStyle.ASCII)
          .setUpdateIntervalMillis(LINE_MILLIS)
          .setConsumer(new Lines(System.err));
    }
    return builder.build();
  }

  // A console without a terminal is told apart below.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since Java 22 there can be a console without a terminal.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  private static final class Lines implements ProgressBarConsumer {
    private final PrintStream out;
    private String last = "";

    private Lines(PrintStream out) {
      this.out = out;
    }

    @Override
    public int getMaxRenderedLength() {
      return LINE_LENGTH;
    }

    @Override
    public void accept(String line) {
      if (!line.equals(last)) {
        out.println(line.stripTrailing());
      }
      last = line;
    }

    @Override
    public void close() {
      out.flush();
    }
  }
}
