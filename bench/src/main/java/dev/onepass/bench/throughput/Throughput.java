package dev.onepass.bench.throughput;

import dev.onepass.bench.load.Cell;
import dev.onepass.bench.load.CellSettings;
import dev.onepass.bench.load.JobMetrics;
import dev.onepass.bench.load.Load;
import dev.onepass.bench.load.Pause;
import dev.onepass.bench.load.Servers;
import dev.onepass.bench.load.Window;
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
 * Measures a cell: both jobs read one topic to its end, in turn, and each is timed by Flink's
 * counter of what its keyed operator consumed.
 */
public final class Throughput implements AutoCloseable {
  /**
   * No more queries are sent after this share of the tokens, so that all are consumed by the end.
   */
  private static final double LAST_QUERY = 0.95;

  private final Servers servers;
  private final CellSettings settings;
  private int runs;

  /** Tokens per second, and bytes that RocksDB took and sorted. */
  private record Run(double rate, long put, long compacted) {}

  /**
   * What was measured.
   *
   * @param onepass tokens per second of each run of Onepass
   * @param passThrough tokens per second of each run of the other job
   * @param put bytes that the last run of Onepass put into RocksDB; 0 without statistics
   * @param compacted bytes that RocksDB wrote again in that run; 0 without statistics
   * @param tokens of a run
   */
  public record Rates(
      List<Double> onepass, List<Double> passThrough, long put, long compacted, long tokens) {

    /** Median over median. */
    public double ratio() {
      return median(onepass) / median(passThrough);
    }

    /** The median. */
    public static double median(List<Double> numbers) {
      double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      int half = sorted.length / 2;
      return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
  }

  /**
   * Starts broker and cluster.
   *
   * @param parallelism of the jobs
   * @param managedMemory that RocksDB shares among the subtasks
   * @param statistics whether RocksDB counts what it writes, which costs it a little
   * @param jobOptions of Onepass, beside those that the cell decides
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
   * Fills the topic and lets both jobs read it.
   *
   * @param tokens wanted; see {@link Cell#tokens}
   * @param repeats runs of each job that count; one more of each comes first, to warm the JVM
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
