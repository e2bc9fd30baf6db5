// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.View;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.state.rocksdb.RocksDBNativeMetricOptions;

/**
 * Metrics of Flink, read in this JVM at no cost to the job: records that an operator has consumed
 * and, with statistics on, bytes that RocksDB has written for it.
 */
public final class JobMetrics implements MetricReporter {

  /** The metrics of all reporters, which Flink creates. */
  private static final List<Found> FOUND = new CopyOnWriteArrayList<>();

  private static final String CHECKPOINT_BYTES = "lastCheckpointSize";

  private static final List<String> NAMES =
      List.of(
          "numRecordsIn", "rocksdb.bytes_written", "rocksdb.compact_write_bytes", CHECKPOINT_BYTES);

  /** Stands for the operator of a metric of the whole job. */
  private static final String WHOLE_JOB = "";

  private record Found(String job, String operator, String name, Metric metric) {}

  private JobMetrics() {}

  /** Returns settings that make a cluster report to this class. */
  static Configuration reporter() {
    Configuration settings = new Configuration();
    settings.setString("metrics.reporter.bench.factory.class", Factory.class.getName());
    return settings;
  }

  /** Returns settings that make RocksDB count what it writes, which slows it a little. */
  public static Configuration statistics() {
    Configuration settings = new Configuration();
    settings.set(RocksDBNativeMetricOptions.MONITOR_BYTES_WRITTEN, true);
    settings.set(RocksDBNativeMetricOptions.MONITOR_COMPACTION_WRITE_BYTES, true);
    return settings;
  }

  /** Returns how many records an operator of a job has consumed in all subtasks. */
  public static long consumed(String job, String operator) {
    return sum(job, operator, "numRecordsIn");
  }

  /** Returns how many bytes an operator of a job has put into RocksDB. */
  public static long put(String job, String operator) {
    return sum(job, operator, "rocksdb.bytes_written");
  }

  /** Returns how many bytes RocksDB has rewritten by compaction. */
  public static long compacted(String job, String operator) {
    return sum(job, operator, "rocksdb.compact_write_bytes");
  }

  /**
   * Returns how many bytes the last checkpoint of a job has written; only new bytes if checkpoints
   * are incremental.
   */
  public static long checkpointBytes(String job) {
    return sum(job, WHOLE_JOB, CHECKPOINT_BYTES);
  }

  private static long sum(String job, String operator, String name) {
    long sum = 0;
    for (Found found : FOUND) {
      if (found.job.equals(job) && found.operator.equals(operator) && found.name.equals(name)) {
        if (found.metric instanceof View view) {
          // Flink updates this metric only every few seconds.
          view.update();
        }
        sum +=
            found.metric instanceof Counter counter
                ? counter.getCount()
                : ((Number) ((Gauge<?>) found.metric).getValue()).longValue();
      }
    }
    return sum;
  }

  @Override
  public void open(MetricConfig config) {}

  @Override
  public void close() {
    FOUND.clear();
  }

  @Override
  public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    String job = group.getAllVariables().get("<job_id>");
    String operator = group.getAllVariables().getOrDefault("<operator_name>", WHOLE_JOB);
    if (NAMES.contains(name) && job != null) {
      FOUND.add(new Found(job, operator, name, metric));
    }
  }

  @Override
  public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
    FOUND.removeIf(found -> found.metric == metric);
  }

  /** Creates the reporter; Flink finds this class as a service. */
  public static final class Factory implements MetricReporterFactory {
    /** Creates the factory. */
    public Factory() {}

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      return new JobMetrics();
    }
  }
}
