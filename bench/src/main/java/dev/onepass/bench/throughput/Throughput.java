// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.throughput;

import dev.onepass.bench.load.Cell;
import dev.onepass.bench.load.CellSettings;
import dev.onepass.bench.load.JobMetrics;
import dev.onepass.bench.load.Load;
import dev.onepass.bench.load.Pause;
import dev.onepass.bench.load.Servers;
import dev.onepass.bench.load.Window;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.job.Pipeline;
import dev.onepass.job.options.JobSettings;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import me.tongfei.progressbar.ProgressBar;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Measures a load: both jobs read a topic to its end, in turn. Each is timed by Flink's counter of
 * records that its keyed operator consumed.
 */
public final class Throughput implements AutoCloseable {
  /**
   * Share of the tokens after which no more queries are sent, so that all are consumed at the end.
   */
  private static final double LAST_QUERY = 0.95;

  private final Servers servers;
  private final CellSettings settings;
  private int runs;

  /** Tokens per second, and bytes put into RocksDB and rewritten by compaction. */
  private record Run(double rate, long put, long compacted) {}

  /**
   * The results.
   *
   * @param onepass tokens per second of each run of Onepass
   * @param passThrough tokens per second of each run of the baseline job
   * @param put bytes put into RocksDB in the last run of Onepass; 0 without statistics
   * @param compacted bytes rewritten by compaction in that run; 0 without statistics
   * @param tokens number of tokens of a run
   */
  public record Rates(
      List<Double> onepass, List<Double> passThrough, long put, long compacted, long tokens) {

    /** Returns the ratio of the medians. */
    public double ratio() {
      return median(onepass) / median(passThrough);
    }

    /** Returns the median. */
    public static double median(List<Double> numbers) {
      return Numbers.median(numbers.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  /**
   * Starts broker and cluster.
   *
   * @param parallelism parallelism of the jobs
   * @param managedMemory RocksDB memory of all subtasks together
   * @param statistics whether RocksDB counts what it writes, which slows it a little
   * @param jobOptions options of the job that override those of the cell
   */
  public Throughput(
      int parallelism, MemorySize managedMemory, boolean statistics, Map<String, String> jobOptions)
      throws IOException {
    servers =
        Servers.start(
            parallelism, managedMemory, statistics ? JobMetrics.statistics() : new Configuration());
    settings = new CellSettings(servers, jobOptions);
  }

  /**
   * Fills a topic and runs both jobs on it.
   *
   * @param tokens wanted number of tokens; see {@link Cell#tokens}
   * @param repeats number of measured runs of each job, after one warm-up run of each
   */
  public Rates measure(Cell cell, long tokens, int repeats) throws IOException {
    long count = cell.tokens(tokens);
    servers.createTopics(CellSettings.topics(cell));
    try (Load load = new Load(cell, Load.Order.IN_TURN, servers.bootstrapServers())) {
      Path anchors = settings.anchors(load.head(), cell);
      try (ProgressBar bar = Progress.bar(cell.name() + " fill", count)) {
        load.tokens(CellSettings.tokensTopic(cell), count, bar::stepTo);
      }
      List<Double> onepass = new ArrayList<>();
      List<Double> passThrough = new ArrayList<>();
      Run written = null;
      try (ProgressBar bar = Progress.bar(cell.name() + " read", 2L * count * (repeats + 1))) {
        for (int run = 0; run <= repeats; run++) {
          Run a = run(cell, PassThrough::build, PassThrough.OPERATOR, load, anchors, count, bar);
          Run b = run(cell, Pipeline::build, Sequences.NAME, load, anchors, count, bar);
          if (run > 0) {
            passThrough.add(a.rate());
            onepass.add(b.rate());
            written = b;
          }
        }
      }
      return new Rates(onepass, passThrough, written.put(), written.compacted(), count);
    } finally {
      servers.deleteTopics(CellSettings.topics(cell));
    }
  }

  private Run run(
      Cell cell,
      BiConsumer<StreamExecutionEnvironment, JobSettings> job,
      String operator,
      Load load,
      Path anchors,
      long tokens,
      ProgressBar bar)
      throws IOException {
    String queriesTopic = cell.name() + "-queries-" + runs++;
    servers.createTopics(List.of(queriesTopic));
    JobSettings jobSettings = settings.of(cell, queriesTopic, anchors);
    long before = bar.getCurrent();
    FlinkJob running = servers.run(environment -> job.accept(environment, jobSettings));
    try {
      Window window = new Window(tokens);
      String id = running.id().toString();
      long queries = 0;
      while (true) {
        long count = JobMetrics.consumed(id, operator) - queries;
        long now = System.nanoTime();
        window.at(count, now);
        bar.stepTo(before + Math.min(tokens, Math.max(0, count)));
        if (count >= tokens) {
          return new Run(
              window.rate(count, now),
              JobMetrics.put(id, operator),
              JobMetrics.compacted(id, operator));
        }
        if (count >= queries * Load.TOKENS_PER_QUERY && count < LAST_QUERY * tokens) {
          load.query(queriesTopic, queries++);
        } else {
          Pause.during(running);
        }
      }
    } finally {
      running.cancel();
      bar.stepTo(before + tokens);
      servers.deleteTopics(List.of(queriesTopic));
    }
  }

  @Override
  public void close() {
    servers.close();
  }
}
