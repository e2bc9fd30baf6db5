package dev.onepass.bench.report;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress bars on standard error; lines every few seconds where that is not a terminal. */
public final class Progress {
  private static final int LINE_MILLIS = 5_000;
  private static final int LINE_LENGTH = 110;

  private Progress() {}

  /**
   * Opens a bar.
   *
   * @param task its name
   * @param max the count at which the task is done
   */
  public static ProgressBar bar(String task, long max) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder().setTaskName(String.format("%-16s", task)).setInitialMax(max);
    if (System.console() == null) {
      builder
          .setStyle(ProgressBarStyle.ASCII)
          .setUpdateIntervalMillis(LINE_MILLIS)
          .setConsumer(new Lines(System.err));
    }
    return builder.build();
  }

  private record Lines(PrintStream out) implements ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      return LINE_LENGTH;
    }

    @Override
    public void accept(String line) {
      out.println(line.stripTrailing());
    }

    @Override
    public void close() {
      out.flush();
    }
  }
}
