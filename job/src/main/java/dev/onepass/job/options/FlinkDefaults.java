// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Defaults of the job for settings of Flink. */
public final class FlinkDefaults {

  /** Maximum number of failed checkpoints in a row before the job restarts. */
  static final int TOLERABLE_FAILED_CHECKPOINTS = 100;

  private FlinkDefaults() {}

  /**
   * Applies the defaults to settings that neither {@code -D} nor Flink's configuration nor code
   * sets.
   *
   * @return a line for each of these settings with its value, for the log
   */
  public static List<String> apply(StreamExecutionEnvironment environment, JobSettings settings) {
    CheckpointConfig checkpoints = environment.getCheckpointConfig();
    if (!checkpoints.isCheckpointingEnabled()) {
      return List.of();
    }
    String name = CheckpointingOptions.TOLERABLE_FAILURE_NUMBER.key();
    if (isSet(environment)) {
      return List.of(name + " = " + checkpoints.getTolerableCheckpointFailureNumber());
    }
    checkpoints.setTolerableCheckpointFailureNumber(tolerable(checkpoints, settings));
    return List.of(
        "%s = %d (default)".formatted(name, checkpoints.getTolerableCheckpointFailureNumber()));
  }

  private static boolean isSet(StreamExecutionEnvironment environment) {
    return environment
        .getConfiguration()
        .getOptional(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER)
        .isPresent();
  }

  /**
   * Returns the number of checkpoints that may fail. Flink's own default is 0, but a restart does
   * not free space on a full volume, and repeats answers under at-least-once. Under exactly-once,
   * answers wait for the next checkpoint that completes, so the number is limited by the time that
   * brokers keep transactions.
   */
  private static int tolerable(CheckpointConfig checkpoints, JobSettings settings) {
    return settings.guarantee() == OnepassOptions.Guarantee.EXACTLY_ONCE
        ? Math.min(
            TOLERABLE_FAILED_CHECKPOINTS,
            CommitTimes.of(checkpoints).tolerableFailures(settings.transactionTimeout()))
        : TOLERABLE_FAILED_CHECKPOINTS;
  }
}
