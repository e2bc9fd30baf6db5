// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import dev.onepass.it.JobFile;
import dev.onepass.it.chaos.storage.Plugin;
import dev.onepass.it.chaos.storage.Switches;
import dev.onepass.it.chaos.storage.UnsteadyFileSystemFactory;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Runs the cells of a plan one after the other, on one broker and one cluster. */
final class Campaign implements AutoCloseable {

  private static final Duration INTERVAL = Duration.ofSeconds(3);
  private static final Duration START = Duration.ofMinutes(3);

  /**
   * A silence up to this length is normal: a sequence gets two queries per second, and under
   * exactly-once its answers become visible once per checkpoint.
   */
  private static final Duration ORDINARY_SILENCE = Duration.ofSeconds(8);

  private static final Duration RECOVERY = Duration.ofMinutes(3);

  /** If no answer arrives for this long at the end, the queries that are still open are lost. */
  private static final Duration QUIET = Duration.ofSeconds(20);

  /** The settings that {@code docs/operations.md} advises, with shorter times. */
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("state.backend.type", "rocksdb"),
          Map.entry("execution.checkpointing.incremental", "true"),
          Map.entry("execution.checkpointing.interval", INTERVAL.toSeconds() + "s"),
          Map.entry("execution.checkpointing.tolerable-failed-checkpoints", "100"),
          Map.entry(
              "execution.checkpointing.externalized-checkpoint-retention",
              "RETAIN_ON_CANCELLATION"),
          Map.entry("restart-strategy.type", "exponential-delay"),
          Map.entry("restart-strategy.exponential-delay.initial-backoff", "1s"),
          Map.entry("restart-strategy.exponential-delay.max-backoff", "10s"),
          // While a task manager is lost, Flink fetches no metrics until this timeout has passed.
          Map.entry("web.timeout", "20 s"),
          Map.entry("metrics.fetcher.update-interval", "1000"));

  /** Lets the producer keep every record while the broker is down, without blocking a send. */
  private static final Map<String, String> PATIENT_PRODUCER =
      Map.of(
          "delivery.timeout.ms", "600000",
          "max.block.ms", "600000",
          // Otherwise the producer forgets its topics while the broker is down, and sends block.
          "metadata.recovery.strategy", "none");

  private final Processes processes;
  private final Plan plan;
  private final Progress progress;
  private final KafkaProcess kafka;
  private final FlinkProcesses flink;
  private final Supervisor taskManagers;
  private final Switches storage;
  private final Client client;

  private Campaign(Processes processes, Plan plan) throws IOException {
    this.processes = processes;
    this.plan = plan;
    progress = new Progress(plan);
    kafka = KafkaProcess.start(processes);
    Plugin.install(FlinkProcesses.pluginsOf(processes));
    Path switches = processes.data("switches");
    storage = new Switches(switches);
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.putAll(plan.settings());
    settings.put(UnsteadyFileSystemFactory.SWITCHES.key(), switches.toString());
    flink = FlinkProcesses.session(processes, 0, settings);
    taskManagers = new Supervisor(flink, 2);
    kafka.await();
    client = new Client(kafka.bootstrapServers(), PATIENT_PRODUCER);
  }

  /** Starts a broker and a session cluster for a plan. */
  static Campaign start(Processes processes, Plan plan) throws IOException {
    return new Campaign(processes, plan);
  }

  /** Runs all cells and adds their rows to a table. After a cell that fails, the next one runs. */
  void run(Table table) throws Exception {
    for (Cell cell : plan.cells()) {
      progress.next();
      try {
        flink.awaitTaskManagers(taskManagers.count());
        Row row = run(cell);
        table.add(row);
        progress.tell("%s", row);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | AssertionError e) {
        progress.tell("no result: %s", e);
        table.addFailure(cell, e);
      }
    }
  }

  private Row run(Cell cell) throws Exception {
    Client.Topics topics = client.createTopics(cell.name(), Map.of());
    Deployment job = deploy(cell, topics);
    int endedBefore = taskManagers.ended();
    Load load = Load.start(client, topics, plan.rates());
    Ledger ledger = load.ledger();
    try (Reader reader = Reader.start(kafka.bootstrapServers(), topics, ledger);
        Watch watch = Watch.start(flink.rest(), job)) {
      Instant started = Instant.now();
      await(
          "the first answers of all sequences",
          START,
          () -> ledger.allAnsweredSince(started).isPresent());
      flink.rest().awaitCheckpoint(job.id(), START);
      Thread.sleep(plan.steady().toMillis());

      progress.tell("answers flow; the disturbance begins");
      watch.begin();
      Stage stage = new Stage(kafka, flink, taskManagers, storage, client, topics, job, reader);
      stage.disturb(cell.disturbance());
      progress.tell("the disturbance is over; waiting for answers");
      boolean recovered = awaitAnswers(ledger, stage.done());
      Thread.sleep(plan.steady().toMillis());
      Instant end = Instant.now();
      load.stop();
      awaitQuiet(ledger);
      return new Row(
          cell,
          ledger.asked(),
          ledger.open().size(),
          (int) ledger.open().stream().filter(q -> q.at().isAfter(stage.ended())).count(),
          ledger.doubled(),
          ledger.wrong().size(),
          recovered
              ? ledger
                  .flowingSince(stage.ended(), ORDINARY_SILENCE)
                  .map(at -> Duration.between(stage.ended(), at))
              : Optional.empty(),
          ledger.longestSilence(stage.begun(), end),
          watch.restarts(),
          taskManagers.ended() - endedBefore,
          watch.metric("lostAnswers"),
          Sight.of(watch, job, firstWarning(stage.begun()), ledger.refused()));
    } finally {
      job.cancel();
    }
  }

  private Deployment deploy(Cell cell, Client.Topics topics) throws IOException {
    Path options =
        JobFile.write(
            processes.data("job").resolve(cell.name() + ".yaml"),
            Load.OPTIONS,
            topics.options(),
            cell.mode().options(cell.name()),
            cell.mode() == Mode.EXACTLY_ONCE ? cell.disturbance().options() : Map.of(),
            Map.of("kafka.bootstrap.servers", kafka.bootstrapServers()));
    Path checkpoints = processes.data("checkpoints").resolve(cell.name());
    Map<String, String> settings = new HashMap<>(cell.disturbance().settings());
    settings.put(
        "execution.checkpointing.dir", UnsteadyFileSystemFactory.SCHEME + "://" + checkpoints);
    settings.put("pipeline.name", cell.name());
    Deployment job = new Deployment(flink, options, checkpoints, settings);
    job.submit();
    return job;
  }

  /** Returns the first warning of the job in a task manager's log since the given time. */
  private Optional<String> firstWarning(Instant since) {
    return flink.taskManagers().stream()
        .map(taskManager -> Warning.firstSince(since, taskManager.output()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * Waits until every sequence has got an answer to a query that was sent after the given time.
   *
   * @return false if that did not happen in time
   */
  private static boolean awaitAnswers(Ledger ledger, Instant since) {
    try {
      await("answers of all sequences", RECOVERY, () -> ledger.allAnsweredSince(since).isPresent());
      return true;
    } catch (ConditionTimeoutException e) {
      // The table shows it: recovery "never".
      return false;
    }
  }

  /**
   * Waits until every query is answered or answers have ceased, and then for two checkpoints more,
   * in which duplicates would appear.
   */
  private static void awaitQuiet(Ledger ledger) throws InterruptedException {
    int answered = -1;
    Instant last = Instant.now();
    while (!ledger.open().isEmpty() && last.plus(QUIET).isAfter(Instant.now())) {
      if (ledger.answered() != answered) {
        answered = ledger.answered();
        last = Instant.now();
      }
      Thread.sleep(200);
    }
    Thread.sleep(2 * INTERVAL.toMillis());
  }

  private static void await(String what, Duration patience, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(patience).pollInterval(Duration.ofMillis(200)).until(condition);
  }

  @Override
  public void close() throws Exception {
    taskManagers.close();
    client.close();
  }
}
