// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.operators.sharding.Shards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.TimeUtils;

/** Checks settings of Flink that could break the job's guarantees. */
public final class FlinkCheck {

  private final StreamExecutionEnvironment environment;
  private final JobSettings settings;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private FlinkCheck(StreamExecutionEnvironment environment, JobSettings settings) {
    this.environment = environment;
    this.settings = settings;
  }

  /**
   * Checks an environment before the job is built in it.
   *
   * @return warnings about settings that the job accepts but that are risky
   * @throws OptionsException with all settings that the job cannot run with, and what to set
   */
  public static List<String> check(StreamExecutionEnvironment environment, JobSettings settings) {
    FlinkCheck check = new FlinkCheck(environment, settings);
    check.execution();
    check.checkpoints();
    if (!check.problems.isEmpty()) {
      throw new OptionsException(check.problems);
    }
    return check.warnings;
  }

  private void execution() {
    ReadableConfig flink = environment.getConfiguration();
    if (flink.get(ExecutionOptions.RUNTIME_MODE) == RuntimeExecutionMode.BATCH) {
      problems.add(
          "execution.runtime-mode is BATCH, but the job's topics are unbounded; set STREAMING, or remove it");
    }
    if (environment.getParallelism() > Shards.KEY_GROUPS) {
      problems.add(
          "parallelism.default is %d, but the job has %d key groups; set at most %d"
              .formatted(environment.getParallelism(), Shards.KEY_GROUPS, Shards.KEY_GROUPS));
    }
    flink
        .getOptional(PipelineOptions.MAX_PARALLELISM)
        .filter(most -> most > 0 && most != Shards.KEY_GROUPS)
        .ifPresent(
            most ->
                problems.add(
                    "pipeline.max-parallelism is %d, but the job always has %d key groups; remove it"
                        .formatted(most, Shards.KEY_GROUPS)));
    if (settings.sequences().eventTime() != null
        && environment.getConfig().getAutoWatermarkInterval() == 0) {
      problems.add(
          "pipeline.auto-watermark-interval is 0, so no record would ever apply with order.mode event-time; set 200 ms, or remove it");
    }
  }

  private void checkpoints() {
    CheckpointConfig checkpoints = environment.getCheckpointConfig();
    if (countsTwice(checkpoints)) {
      problems.add(
          "execution.checkpointing.mode is AT_LEAST_ONCE, so a restart would count tokens twice; set EXACTLY_ONCE, or remove it (kafka.delivery-guarantee applies to answers only)");
    }
    boolean exactlyOnce = settings.guarantee() == OnepassOptions.Guarantee.EXACTLY_ONCE;
    if (checkpoints.isCheckpointingEnabled()) {
      storage();
      if (exactlyOnce) {
        transactions(CommitTimes.of(checkpoints), checkpoints);
      }
    } else if (exactlyOnce) {
      problems.add(
          "kafka.delivery-guarantee is exactly-once, but checkpoints are off, so no answer would ever be committed; set execution.checkpointing.interval, for example with flink run -Dexecution.checkpointing.interval=10s");
    } else {
      warnings.add(
          "Checkpoints are off. After a failure the job reads all tokens again, and a job that starts from a savepoint may count tokens twice. Set execution.checkpointing.interval.");
    }
  }

  /** The job manager's heap accepts 5 MiB from each task: a few hundred sequences. */
  private void storage() {
    ReadableConfig flink = environment.getConfiguration();
    if (flink.getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY).isPresent()) {
      return;
    }
    Optional<String> storage = flink.getOptional(CheckpointingOptions.CHECKPOINT_STORAGE);
    if (storage.isEmpty() || storage.get().equalsIgnoreCase("filesystem")) {
      problems.add(
          "execution.checkpointing.dir is missing, so checkpoints would go to the job manager's heap, which accepts 5 MiB from a task and is lost with the job manager; set a directory that all machines of the cluster reach, for example with flink run -Dexecution.checkpointing.dir=s3://bucket/checkpoints, even if the cluster's configuration has one");
    } else if (storage.get().equalsIgnoreCase("jobmanager")) {
      warnings.add(
          "execution.checkpointing.storage is jobmanager. A checkpoint fails if a task has more than 5 MiB of state, and is lost with the job manager. Outside of trials, set execution.checkpointing.dir instead.");
    }
  }

  /**
   * Returns whether a restart would count tokens twice. Flink reports this mode for every job
   * without checkpoints; there it matters only if the user set it.
   */
  private boolean countsTwice(CheckpointConfig checkpoints) {
    CheckpointingMode set =
        environment
            .getConfiguration()
            .getOptional(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE)
            .orElse(CheckpointingMode.EXACTLY_ONCE);
    return set == CheckpointingMode.AT_LEAST_ONCE
        || (checkpoints.isCheckpointingEnabled()
            && checkpoints.getCheckpointingConsistencyMode() == CheckpointingMode.AT_LEAST_ONCE);
  }

  private void transactions(CommitTimes times, CheckpointConfig checkpoints) {
    Duration timeout = settings.transactionTimeout();
    if (times.open(0).compareTo(timeout) > 0) {
      problems.add(
          "kafka.transaction-timeout is %s, but a transaction may stay open for %s (execution.checkpointing.interval or min-pause, plus execution.checkpointing.timeout), so brokers would abort its answers; set kafka.transaction-timeout to %s or more, within the brokers' transaction.max.timeout.ms, or make checkpoints shorter"
              .formatted(text(timeout), text(times.open(0)), text(times.open(0))));
      return;
    }
    int tolerable = checkpoints.getTolerableCheckpointFailureNumber();
    if (times.open(tolerable).compareTo(timeout) > 0) {
      warnings.add(
          "execution.checkpointing.tolerable-failed-checkpoints is %d, so a transaction may stay open for %s, but kafka.transaction-timeout is %s. If that many checkpoints fail in a row, brokers abort transactions and their answers are lost. Set at most %d, or a shorter execution.checkpointing.timeout."
              .formatted(
                  tolerable,
                  text(times.open(tolerable)),
                  text(timeout),
                  times.tolerableFailures(timeout)));
    }
  }

  private static String text(Duration time) {
    return TimeUtils.formatWithHighestUnit(time);
  }
}
