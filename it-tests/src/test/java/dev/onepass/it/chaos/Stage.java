package dev.onepass.it.chaos;

import dev.onepass.it.chaos.storage.Switches;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.records.Client;
import java.time.Duration;
import java.time.Instant;

/** What a disturbance may lay hands on, and when it began and was over. */
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

  /** Notes that all is there again; what comes after is recovery. The first time counts. */
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

  /** When all was done that somebody does about it. */
  Instant done() {
    return done;
  }

  /** Lets time pass. */
  void pass(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }
}
