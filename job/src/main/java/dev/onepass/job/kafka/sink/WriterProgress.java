package dev.onepass.job.kafka.sink;

import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * How far the brokers are with what a writer hands to its producers. Acknowledgements come on the
 * producers' threads.
 */
final class WriterProgress implements Consumer<RecordMetadata> {

  private final String outputs;
  private final Unwritten unwritten = new Unwritten();
  private final Counter written;

  /** Of the record acknowledged last, an answer if there is one; null if there is none. */
  private Place place;

  /**
   * A progress of nothing yet, with its metrics.
   *
   * @param outputs topic of the answers
   * @param operator metrics of the writer
   */
  WriterProgress(String outputs, MetricGroup operator) {
    this.outputs = outputs;
    MetricGroup metrics = operator.addGroup("onepass");
    written = metrics.counter("recordsWritten", new ThreadSafeSimpleCounter());
    metrics.gauge("oldestUnwrittenMillis", (Gauge<Long>) () -> unwritten.oldestMillis(nowMillis()));
  }

  /** Notes that the producer gets a record. */
  void handOver() {
    unwritten.handOver(nowMillis());
  }

  @Override
  public void accept(RecordMetadata metadata) {
    unwritten.acknowledge();
    // Without an offset it has failed, and the task with it.
    if (metadata != null && metadata.hasOffset()) {
      written.inc();
      found(Place.of(metadata));
    }
  }

  private synchronized void found(Place acknowledged) {
    if (place == null || acknowledged.topic().equals(outputs) || !place.topic().equals(outputs)) {
      place = acknowledged;
    }
  }

  /** Returns where one of the records since the last call lies, or null if there was none. */
  synchronized Place takePlace() {
    Place taken = place;
    place = null;
    return taken;
  }

  /** Time that goes on evenly, whatever happens to the clock. */
  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
