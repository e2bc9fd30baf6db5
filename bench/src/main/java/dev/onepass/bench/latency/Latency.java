// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import dev.onepass.bench.load.Cell;
import dev.onepass.bench.load.CellSettings;
import dev.onepass.bench.load.JobMetrics;
import dev.onepass.bench.load.Load;
import dev.onepass.bench.load.Pause;
import dev.onepass.bench.load.Servers;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.job.Pipeline;
import dev.onepass.job.options.JobSettings;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import me.tongfei.progressbar.ProgressBar;
import org.HdrHistogram.Histogram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;

/**
 * Measures the latency of queries under load. First sends tokens as fast as the job takes them,
 * until the JVM has compiled the hot code; then the rate shows how much sender, broker, job and
 * reader together can process on this machine. After that, sends tokens and queries by a fixed
 * schedule. Latency runs from the due time of a query, so a query that is sent late because the
 * machine is busy counts as late (no coordinated omission). Each token goes to a random sequence.
 */
public final class Latency implements AutoCloseable {
  private static final Duration AT_REST = Duration.ofSeconds(20);

  /** Factor on the number of queries until the JVM is warm. */
  private static final int MORE_QUERIES = 10;

  private final StateHome.Opened state;
  private final Servers servers;
  private final CellSettings settings;

  /**
   * Starts broker and cluster.
   *
   * @param parallelism parallelism of the job
   * @param managedMemory RocksDB memory of all subtasks together
   * @param bufferTimeout maximum time that a record waits in a buffer between tasks
   * @param home place of the job's state
   * @param flinkOptions more Flink options; a checkpoint is made every 10 s
   * @param jobOptions options of the job that override those of the cell
   */
  public Latency(
      int parallelism,
      MemorySize managedMemory,
      Duration bufferTimeout,
      StateHome home,
      Map<String, String> flinkOptions,
      Map<String, String> jobOptions)
      throws IOException {
    state = home.open();
    Configuration more = Configuration.fromMap(state.flinkOptions());
    more.set(ExecutionOptions.BUFFER_TIMEOUT, bufferTimeout);
    more.addAll(Configuration.fromMap(flinkOptions));
    try {
      servers = Servers.start(parallelism, managedMemory, more);
    } catch (IOException e) {
      state.close();
      throw e;
    }
    settings = new CellSettings(servers, jobOptions);
  }

  /**
   * The load.
   *
   * @param share rate of tokens as a share of the largest rate
   * @param queriesPerSecond queries per second, of one vector each
   * @param saturated time at the largest rate; its first half warms up the JVM
   * @param settling time under the schedule before queries count
   * @param time time during which queries count
   */
  public record Schedule(
      double share, int queriesPerSecond, Duration saturated, Duration settling, Duration time) {}

  /**
   * The results.
   *
   * @param largestRate records per second that the job took at the largest rate
   * @param rate tokens per second under the schedule
   * @param unread backlog of the job at the end of the schedule, in records
   * @param asked number of queries sent
   * @param answered number of queries answered
   * @param micros latencies of the queries that count, in microseconds
   */
  public record Times(
      double largestRate, double rate, long unread, long asked, long answered, Histogram micros) {}

  /**
   * Measures.
   *
   * @param tokens number of tokens sent before the job starts; see {@link Cell#tokens}
   */
  public Times measure(Cell cell, long tokens, Schedule schedule) throws IOException {
    long count = cell.tokens(tokens);
    String queriesTopic = cell.name() + "-queries";
    servers.createTopics(CellSettings.topics(cell));
    servers.createTopics(List.of(queriesTopic));
    try (Load load = new Load(cell, Load.Order.DRAWN, servers.bootstrapServers())) {
      Path anchors = settings.anchors(load.head(), cell);
      try (ProgressBar bar = Progress.bar(cell.name() + " fill", count)) {
        load.tokens(CellSettings.tokensTopic(cell), count, bar::stepTo);
      }
      JobSettings jobSettings = settings.of(cell, queriesTopic, anchors);
      FlinkJob running = servers.run(environment -> Pipeline.build(environment, jobSettings));
      try {
        return live(cell, queriesTopic, load, running, count, schedule);
      } finally {
        running.cancel();
      }
    }
  }

  private Times live(
      Cell cell, String queriesTopic, Load load, FlinkJob running, long sent, Schedule schedule)
      throws IOException {
    String job = running.id().toString();
    try (LiveLoad live =
            new LiveLoad(
                load,
                cell,
                queriesTopic,
                schedule.queriesPerSecond(),
                sent,
                () -> JobMetrics.consumed(job, Sequences.NAME),
                servers.bootstrapServers());
        AnswerTimes answers =
            new AnswerTimes(
                servers.bootstrapServers(),
                CellSettings.outputsTopic(cell),
                servers.parallelism())) {
      await(running, AT_REST, () -> live.underWay() == 0);
      double largest = largestRate(running, live, schedule.saturated());
      await(running, AT_REST, () -> answers.count() >= live.queries() && live.underWay() == 0);
      double rate = largest * schedule.share();
      long begin = System.nanoTime();
      answers.countFrom(begin + schedule.settling().toNanos());
      live.follow(begin, rate, schedule.settling().plus(schedule.time()));
      long unread = live.underWay();
      await(running, AT_REST, () -> answers.count() >= live.queries());
      return new Times(largest, rate, unread, live.queries(), answers.count(), answers.end());
    }
  }

  /**
   * Measures the largest rate. The code for checkpoints and queries runs rarely and would otherwise
   * be compiled during the measurement. So this phase first makes frequent checkpoints and then
   * also sends more queries.
   */
  private static double largestRate(FlinkJob running, LiveLoad live, Duration time)
      throws IOException {
    Duration quarter = time.dividedBy(4);
    try (OftenCheckpointed warming = new OftenCheckpointed(running)) {
      await(running, quarter, () -> false);
      live.saturate(quarter, MORE_QUERIES);
      warming.end();
    }
    return live.saturate(quarter.multipliedBy(2), 1);
  }

  /** Waits until a condition holds or the time is over. */
  private static void await(FlinkJob running, Duration longest, BooleanSupplier isSo)
      throws IOException {
    long deadline = System.nanoTime() + longest.toNanos();
    while (!isSo.getAsBoolean() && System.nanoTime() < deadline) {
      Pause.during(running);
    }
  }

  @Override
  public void close() {
    servers.close();
    state.close();
  }
}
