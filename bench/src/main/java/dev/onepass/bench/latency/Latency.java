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
 * Measures how long a query takes under load. Tokens are first sent as fast as the job takes them,
 * until the JVM's compilers have become quiet, which then says how many sender, broker, job and
 * reader together can bear on this machine; then tokens and queries are sent by a schedule that
 * waits for nothing, and a query's time runs from when it was due, so that one that is sent late
 * because the machine hesitates counts as late (no coordinated omission). The sequence of each
 * token is drawn.
 */
public final class Latency implements AutoCloseable {
  private static final Duration AT_REST = Duration.ofSeconds(20);

  /** For each one there is under the schedule, until the JVM is warm. */
  private static final int MORE_QUERIES = 10;

  private final StateHome.Opened state;
  private final Servers servers;
  private final CellSettings settings;

  /**
   * Starts broker and cluster.
   *
   * @param parallelism of the job
   * @param managedMemory that RocksDB shares among the subtasks
   * @param bufferTimeout how long a record may wait for others before it goes to the next task
   * @param home of the job's state
   * @param flinkOptions of Flink, beside those and a checkpoint every 10 s
   * @param jobOptions of Onepass, beside those that the cell decides
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
   * @param share of the largest rate that tokens are sent at
   * @param queriesPerSecond queries of one vector
   * @param saturated time at the largest rate, whose first half warms the JVM
   * @param settling time at the share of it before queries count
   * @param time that they count
   */
  public record Schedule(
      double share, int queriesPerSecond, Duration saturated, Duration settling, Duration time) {}

  /**
   * What was measured.
   *
   * @param largestRate records a second that the job took while tokens were sent without end
   * @param rate tokens a second under the schedule
   * @param unread records that the job had not consumed at the end of the schedule
   * @param asked queries sent
   * @param answered queries answered
   * @param micros times of the queries that count, in microseconds
   */
  public record Times(
      double largestRate, double rate, long unread, long asked, long answered, Histogram micros) {}

  /**
   * Measures.
   *
   * @param tokens that are sent before the job starts; see {@link Cell#tokens}
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
   * The largest rate. What is done for checkpoints and queries runs rarely, and would be compiled
   * while it is measured; so at first there are only checkpoints, then more queries too.
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

  /** Waits until something is so, for some time. */
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
