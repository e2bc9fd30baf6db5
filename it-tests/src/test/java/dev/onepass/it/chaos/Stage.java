// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import dev.onepass.it.chaos.storage.Switches;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.records.Client;
import java.time.Duration;
import java.time.Instant;

/** The parts that a disturbance can act on, and the times at which it began and ended. */
final class Stage {

  final KafkaProcess kafka;
  final FlinkProcesses flink;
  final Supervisor taskManagers;
  final Switches storage;
  final Client client;
  final Client.Topics topics;
  final Deployment job;
  final Reader reader;
  private Instant begun;
  private Instant over;
  private Instant done;

  Stage(
      KafkaProcess kafka,
      FlinkProcesses flink,
      Supervisor taskManagers,
      Switches storage,
      Client client,
      Client.Topics topics,
      Deployment job,
      Reader reader) {
    this.kafka = kafka;
    this.flink = flink;
    this.taskManagers = taskManagers;
    this.storage = storage;
    this.client = client;
    this.topics = topics;
    this.job = job;
    this.reader = reader;
  }

  /** Carries out a disturbance. */
  void disturb(Disturbance disturbance) throws Exception {
    begun = Instant.now();
    disturbance.strike(this);
    over();
    done = Instant.now();
  }

  /** Notes that everything is up again and recovery begins. Only the first call counts. */
  void over() {
    if (over == null) {
      over = Instant.now();
    }
  }

  Instant begun() {
    return begun;
  }

  Instant ended() {
    return over;
  }

  /** Returns when the operator's last action was done, such as a new submission of the job. */
  Instant done() {
    return done;
  }

  /** Waits for the given time, for which the fault lasts. */
  void pass(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }
}
