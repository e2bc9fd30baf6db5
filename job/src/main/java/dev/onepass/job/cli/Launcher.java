package dev.onepass.job.cli;

import dev.onepass.job.OnepassJob;

/**
 * What {@code java -jar onepass-job.jar} starts: there Flink's classes are missing, so this one
 * knows none, and says what to do instead. Flink finds {@link OnepassJob} by the manifest's {@code
 * program-class}.
 */
public final class Launcher {

  private Launcher() {}

  /** Says how the job is started, and ends with 1. */
  public static void main(String[] args) {
    System.err.println(
        "Onepass runs on a Flink cluster; submit it with: flink run onepass-job.jar --config job.yaml (its options: flink run onepass-job.jar --help)");
    System.exit(1);
  }
}
