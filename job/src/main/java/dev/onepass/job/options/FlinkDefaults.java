package dev.onepass.job.options;

import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Settings of Flink that the job chooses where the user set nothing. */
public final class FlinkDefaults {

  /** Failed checkpoints in a row after which the job is restarted, where nothing asks for less. */
  static final int TOLERABLE_FAILED_CHECKPOINTS = 100;

  private FlinkDefaults() {}

  /**
   * Sets what is not set yet, whether by {@code -D}, by Flink's configuration or in code.
   *
   * @return a line for each setting that the job cares for, with the value that it has now; for the
   *     log
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
   * Flink's own default is 0. A restart brings no space back to a full volume, and has queries
   * answered again under at-least-once. Under exactly-once answers wait for the next checkpoint
   * that completes, so the job goes no further than brokers keep their transactions.
   */
  private static int tolerable(CheckpointConfig checkpoints, JobSettings settings) {
    return settings.guarantee() == OnepassOptions.Guarantee.EXACTLY_ONCE
        ? Math.min(
            TOLERABLE_FAILED_CHECKPOINTS,
            CommitTimes.of(checkpoints).tolerableFailures(settings.transactionTimeout()))
        : TOLERABLE_FAILED_CHECKPOINTS;
  }
}
