package dev.onepass.job.kafka.source;

import dev.onepass.operators.event.RawRecord;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaPartitionSplitReader;
import org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter;
import org.apache.flink.connector.kafka.source.reader.KafkaSourceReader;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;

/**
 * The connector's reader, put together as the connector does it, but for three things: what was
 * fetched before a failure is given out before the failure shows; the consumer's progress is seen;
 * and a partition that is paused stays so when it is added.
 */
final class ConnectorReader implements AutoCloseable {

  private final Fetched fetched = new Fetched();
  private final Fetchers fetchers;
  private final KafkaSourceReader<RawRecord> reader;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * A reader without partitions.
   *
   * @param properties of the consumer, as the connector's source gives them out
   * @param paused splits that are not to be read for now; safe for several threads
   */
  ConnectorReader(
      Properties properties,
      KafkaRecordDeserializationSchema<RawRecord> deserializer,
      Set<String> paused,
      SourceReaderContext context,
      SourceReaderMetricGroup metricGroup) {
    KafkaSourceReaderMetrics metrics = new KafkaSourceReaderMetrics(metricGroup);
    Properties consumer = FetchedInterceptor.noting(fetched, properties);
    Configuration configuration = new Configuration();
    properties
        .stringPropertyNames()
        .forEach(name -> configuration.setString(name, properties.getProperty(name)));
    FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue =
        new FutureCompletingBlockingQueue<>();
    fetchers = new Fetchers(queue, () -> new Partitions(consumer, context, metrics, paused));
    reader =
        new KafkaSourceReader<>(
            queue,
            fetchers,
            new KafkaRecordEmitter<>(deserializer),
            configuration,
            context,
            metrics);
  }

  /** Fetches on a thread of its own. */
  private static final class Fetchers extends KafkaSourceFetcherManager {

    Fetchers(
        FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
        Supplier<SplitReader<ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit>> partitions) {
      super(queue, partitions, finished -> {});
    }

    /** Throws what went wrong, once all that came before it is taken: it may be gone by now. */
    @Override
    public void checkErrors() {
      if (getQueue().isEmpty()) {
        super.checkErrors();
      }
    }
  }

  /** Reads partitions; the pauses of those that wait to be added are not lost. */
  private static final class Partitions extends KafkaPartitionSplitReader {

    private final Set<String> paused;

    Partitions(
        Properties properties,
        SourceReaderContext context,
        KafkaSourceReaderMetrics metrics,
        Set<String> paused) {
      super(properties, context, metrics);
      this.paused = paused;
    }

    @Override
    public void handleSplitsChanges(SplitsChange<KafkaPartitionSplit> change) {
      super.handleSplitsChanges(change);
      pauseOrResumeSplits(
          change.splits().stream().filter(split -> paused.contains(split.splitId())).toList(),
          List.of());
    }
  }

  /** Returns whether a consumer has failed because what it was to fetch next is not there. */
  static boolean isPositionLost(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidOffsetException) {
        return true;
      }
    }
    return false;
  }

  /** Returns how far the consumer has come. */
  Fetched fetched() {
    return fetched;
  }

  /** Takes partitions whose beginnings are known. */
  void addSplits(List<? extends KafkaPartitionSplit> splits) {
    splits.forEach(split -> fetched.begin(split.getTopicPartition(), split.getStartingOffset()));
    reader.addSplits(List.copyOf(splits));
  }

  InputStatus pollNext(ReaderOutput<RawRecord> output) throws Exception {
    InputStatus status = reader.pollNext(output);
    if (status == InputStatus.NOTHING_AVAILABLE) {
      // A failure may have hidden behind a fetch that turned out to be empty.
      fetchers.checkErrors();
    }
    return status;
  }

  CompletableFuture<Void> isAvailable() {
    return reader.isAvailable();
  }

  List<KafkaPartitionSplit> snapshotState(long checkpointId) {
    return reader.snapshotState(checkpointId);
  }

  void notifyCheckpointComplete(long checkpointId) throws Exception {
    reader.notifyCheckpointComplete(checkpointId);
  }

  void notifyNoMoreSplits() {
    reader.notifyNoMoreSplits();
  }

  void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume) {
    reader.pauseOrResumeSplits(toPause, toResume);
  }

  /** Closes the reader and waits until its consumer is closed; a second call does nothing. */
  @Override
  public void close() throws Exception {
    if (closed.compareAndSet(false, true)) {
      reader.close();
    }
  }
}
