package dev.onepass.bench.load;

import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Counts the records that an operator has consumed, by Flink's own counters: read in this JVM as
 * they are, at no cost to the job.
 */
public final class ConsumedRecords implements MetricReporter {

  /** Flink makes the reporter; this is where its counters are found. */
  private static final List<Found> COUNTERS = new CopyOnWriteArrayList<>();

  private record Found(String job, String operator, Counter counter) {}

  private ConsumedRecords() {}

  /** Records that the job's operator has consumed in all of its subtasks. */
  static long of(String job, String operator) {
    long sum = 0;
    for (Found found : COUNTERS) {
      if (found.job.equals(job) && found.operator.equals(operator)) {
        sum += found.counter.getCount();
      }
    }
    return sum;
  }

  @Override
  public void open(MetricConfig config) {}

  @Override
  public void close() {
    COUNTERS.clear();
  }

  @Override
  public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    String job = group.getAllVariables().get("<job_id>");
    String operator = group.getAllVariables().get("<operator_name>");
    if (name.equals("numRecordsIn") && job != null && operator != null) {
      COUNTERS.add(new Found(job, operator, (Counter) metric));
    }
  }

  @Override
  public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
    COUNTERS.removeIf(found -> found.counter == metric);
  }

  /** For Flink, which finds it as a service. */
  public static final class Factory implements MetricReporterFactory {
    /** For Flink. */
    public Factory() {}

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      return new ConsumedRecords();
    }
  }
}
