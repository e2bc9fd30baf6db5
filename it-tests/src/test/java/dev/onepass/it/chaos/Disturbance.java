// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import dev.onepass.testkit.process.ChildProcess;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;

/** A fault in the environment of a job. */
enum Disturbance {
  TASK_MANAGER_KILLED("one of two task managers killed, restarted after 5 s", 5) {
    @Override
    void strike(Stage stage) throws Exception {
      stage.taskManagers.kill(1);
      stage.pass(length());
      stage.taskManagers.startAgain();
    }
  },
  JOB_MANAGER_KILLED(
      "job manager killed, restarted after 5 s; job submitted from its newest checkpoint", 5) {
    @Override
    void strike(Stage stage) throws Exception {
      stage.flink.jobManager().kill();
      stage.pass(length());
      stage.flink.restartJobManager();
      stage.over();
      stage.flink.awaitTaskManagers(stage.taskManagers.count());
      stage.job.submitAgain();
    }
  },
  BROKER_KILLED("broker killed, restarted at once", 0) {
    @Override
    void strike(Stage stage) throws Exception {
      takeBrokerAway(stage, length());
    }
  },
  BROKER_AWAY_30_S("broker down for 30 s", 30) {
    @Override
    void strike(Stage stage) throws Exception {
      takeBrokerAway(stage, length());
    }
  },
  BROKER_AWAY_120_S("broker down for 120 s", 120) {
    @Override
    void strike(Stage stage) throws Exception {
      takeBrokerAway(stage, length());
    }
  },
  STORAGE_FULL("checkpoint storage full for 60 s", 60) {
    @Override
    void strike(Stage stage) throws Exception {
      stage.storage.fill();
      stage.pass(length());
      stage.storage.free();
    }
  },
  TASK_MANAGER_STOPPED("one of two task managers suspended for 70 s", 70) {
    @Override
    void strike(Stage stage) throws Exception {
      ChildProcess taskManager = stage.flink.aliveTaskManagers().get(0);
      taskManager.pause();
      try {
        stage.pass(length());
      } finally {
        taskManager.resume();
      }
    }
  },
  CRASH_BEFORE_COMMIT(
      "all task managers killed between checkpoint and commit, restarted after 5 s", 8) {
    @Override
    void strike(Stage stage) throws Exception {
      killBetweenCheckpointAndCommit(stage, Duration.ofSeconds(5));
    }
  },
  CRASH_BEYOND_TRANSACTION_TIMEOUT(
      "all task managers killed between checkpoint and commit, restarted after 60 s; "
          + "kafka.transaction-timeout 30 s",
      63) {
    @Override
    Map<String, String> options() {
      return Map.of("kafka.transaction-timeout", "30 s");
    }

    @Override
    Map<String, String> settings() {
      return Map.of("execution.checkpointing.timeout", "25s");
    }

    @Override
    void strike(Stage stage) throws Exception {
      killBetweenCheckpointAndCommit(stage, Duration.ofSeconds(60));
    }

    /** Kafka aborts a transaction that is not committed before its timeout. */
    @Override
    boolean mayLose(Mode mode) {
      return mode == Mode.EXACTLY_ONCE;
    }
  },
  OUTPUTS_DELETED("outputs topic deleted, recreated after 10 s", 10) {
    @Override
    void strike(Stage stage) throws Exception {
      stage.client.deleteTopic(stage.topics.outputs());
      stage.pass(length());
      stage.client.createTopic(stage.topics.outputs(), 2, Map.of());
      stage.reader.restart();
    }

    /** Unread answers and open transactions are deleted together with the topic. */
    @Override
    boolean mayLose(Mode mode) {
      return true;
    }
  };

  private static final Duration FOR_A_CHECKPOINT = Duration.ofSeconds(60);

  private final String words;
  private final int seconds;

  Disturbance(String words, int seconds) {
    this.words = words;
    this.seconds = seconds;
  }

  /** Causes the fault, and returns when everything is up again. */
  abstract void strike(Stage stage) throws Exception;

  /** Returns job options that this fault needs in addition to the usual ones. */
  Map<String, String> options() {
    return Map.of();
  }

  /** Returns Flink settings that this fault needs in addition to the usual ones. */
  Map<String, String> settings() {
    return Map.of();
  }

  /** Tells whether Kafka makes a loss of answers unavoidable. */
  boolean mayLose(Mode mode) {
    return false;
  }

  /** Returns its approximate duration. */
  Duration length() {
    return Duration.ofSeconds(seconds);
  }

  /** Returns its name in the property {@code chaos}, such as {@code broker-away-30-s}. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns its description in the table. */
  @Override
  public String toString() {
    return words;
  }

  private static void takeBrokerAway(Stage stage, Duration time) throws Exception {
    stage.kafka.broker().kill();
    stage.pass(time);
    stage.kafka.restart();
    stage.over();
    stage.kafka.await();
  }

  private static void killBetweenCheckpointAndCommit(Stage stage, Duration down) throws Exception {
    stage.storage.holdCheckpoint();
    try {
      Awaitility.await("a checkpoint that is completely written")
          .atMost(FOR_A_CHECKPOINT)
          .pollInterval(Duration.ofMillis(10))
          .until(stage.storage::isHeld);
      stage.taskManagers.kill(stage.taskManagers.count());
    } finally {
      stage.storage.letGo();
    }
    stage.pass(down);
    stage.taskManagers.startAgain();
  }
}
