package dev.onepass.bench.load;

import dev.onepass.bench.report.Progress;
import dev.onepass.demo.cluster.FlinkJob;
import dev.onepass.job.Pipeline;
import dev.onepass.job.options.JobSettings;
import dev.onepass.operators.Sequences;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import me.tongfei.progressbar.ProgressBar;
import org.HdrHistogram.Histogram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures how long a query takes under load. The job first works off a full topic, which says how
 * many tokens a second it can take; then tokens and queries are sent by a schedule that waits for
 * nothing, and a query's time runs from when it was due, so that one that is sent late because the
 * machine hesitates counts as late (no coordinated omission).
 */
public final class Latency implements AutoCloseable {
  private static final long STEP_NANOS = 200_000;
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(20);

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
   * The load after the topic is worked off.
   *
   * @param share of the largest rate that tokens are sent at
   * @param queriesPerSecond queries of one vector
   * @param warmUp time before queries count, in which the JVM's compilers become quiet
   * @param time that they count
   */
  public record Schedule(double share, int queriesPerSecond, Duration warmUp, Duration time) {}

  /**
   * What was measured.
   *
   * @param largestRate tokens a second from the full topic
   * @param rate tokens a second under the schedule
   * @param unread tokens that the job had not consumed at the end of the schedule
   * @param asked queries sent
   * @param answered queries answered
   * @param micros times of the queries that count, in microseconds
   */
  public record Times(
      double largestRate, double rate, long unread, long asked, long answered, Histogram micros) {}

  /**
   * Measures.
   *
   * @param tokens in the full topic; see {@link Cell#tokens}
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
        double largest = workOff(running, count);
        return follow(cell, queriesTopic, load, running, count, largest, schedule);
      } finally {
        running.cancel();
      }
    }
  }

  private static double workOff(FlinkJob running, long count) throws IOException {
    Window window = new Window(count);
    while (true) {
      long consumed = consumed(running);
      long now = System.nanoTime();
      window.at(consumed, now);
      if (consumed >= count) {
        return window.rate(consumed, now);
      }
      Throughput.pause(running);
    }
  }

  private static long consumed(FlinkJob running) {
    return JobMetrics.consumed(running.id().toString(), Sequences.NAME);
  }

  private Times follow(
      Cell cell,
      String queriesTopic,
      Load load,
      FlinkJob running,
      long sentBefore,
      double largest,
      Schedule schedule)
      throws IOException {
    double rate = largest * schedule.share();
    String tokensTopic = CellSettings.tokensTopic(cell);
    try (KafkaProducer<byte[], byte[]> atOnce = atOnce();
        AnswerTimes answers =
            new AnswerTimes(
                servers.bootstrapServers(),
                CellSettings.outputsTopic(cell),
                servers.parallelism())) {
      long begin = System.nanoTime();
      answers.countFrom(begin + schedule.warmUp().toNanos());
      double seconds = schedule.warmUp().plus(schedule.time()).toNanos() / 1e9;
      long allTokens = (long) (seconds * rate);
      long allQueries = (long) (seconds * schedule.queriesPerSecond());
      long tokens = 0;
      long queries = 0;
      while (tokens < allTokens || queries < allQueries) {
        double elapsed = (System.nanoTime() - begin) / 1e9;
        long dueQueries = Math.min(allQueries, (long) (elapsed * schedule.queriesPerSecond()) + 1);
        for (; queries < dueQueries; queries++) {
          ProducerRecord<byte[], byte[]> query = load.queryRecord(queriesTopic, queries);
          long due = begin + (long) (queries * 1e9 / schedule.queriesPerSecond());
          AnswerTimes.mark(query, due);
          atOnce.send(query);
        }
        // Not more at a time than a step has, so that queries go out between them.
        long dueTokens = Math.min(allTokens, (long) (elapsed * rate) + 1);
        dueTokens = Math.min(dueTokens, tokens + (long) (rate * 5 * STEP_NANOS / 1e9) + 1);
        for (; tokens < dueTokens; tokens++) {
          load.token(tokensTopic, sentBefore + tokens);
        }
        LockSupport.parkNanos(STEP_NANOS);
      }
      long unread = sentBefore + tokens + queries - consumed(running);
      awaitAnswers(running, answers, queries);
      long answered = answers.count();
      return new Times(largest, rate, Math.max(0, unread), queries, answered, answers.end());
    }
  }

  private static void awaitAnswers(FlinkJob running, AnswerTimes answers, long asked)
      throws IOException {
    long deadline = System.nanoTime() + LAST_ANSWERS.toNanos();
    while (answers.count() < asked && System.nanoTime() < deadline) {
      Throughput.pause(running);
    }
  }

  /** A producer that sends each record as it gets it. */
  private KafkaProducer<byte[], byte[]> atOnce() {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            servers.bootstrapServers(),
            ProducerConfig.LINGER_MS_CONFIG,
            0),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @Override
  public void close() {
    servers.close();
    state.close();
  }
}
