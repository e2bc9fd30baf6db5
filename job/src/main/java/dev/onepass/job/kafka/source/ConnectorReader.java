// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * The connector's reader, assembled as the connector does it, with three differences: it emits all
 * records fetched before a failure before it throws the failure; it exposes the consumer's
 * progress; and a paused partition stays paused when it is added.
 */
final class ConnectorReader implements AutoCloseable {

  private final Fetched fetched = new Fetched();
  private final Fetchers fetchers;
  private final KafkaSourceReader<RawRecord> reader;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param properties properties of the consumer, from the connector's source
   * @param deserializer deserializer of records
   * @param paused ids of splits that are paused; a thread-safe set
   * @param context context of the source
   * @param metricGroup metrics of the source
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

  /** Fetches records on a separate thread. */
  private static final class Fetchers extends KafkaSourceFetcherManager {

    Fetchers(
        FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
        Supplier<SplitReader<ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit>> partitions) {
      super(queue, partitions, finished -> {});
    }

    /**
     * Throws a failure after all records before it were taken: the brokers may have deleted them.
     */
    @Override
    public void checkErrors() {
      if (getQueue().isEmpty()) {
        super.checkErrors();
      }
    }
  }

  /** Reads partitions, and keeps the pauses of those that are added later. */
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

  /** Returns whether a consumer failed because its next offset does not exist. */
  static boolean isPositionLost(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidOffsetException) {
        return true;
      }
    }
    return false;
  }

  /** Returns the progress of the consumer. */
  Fetched fetched() {
    return fetched;
  }

  /** Adds partitions with known start offsets. */
  void addSplits(List<? extends KafkaPartitionSplit> splits) {
    splits.forEach(split -> fetched.begin(split.getTopicPartition(), split.getStartingOffset()));
    reader.addSplits(List.copyOf(splits));
  }

  InputStatus pollNext(ReaderOutput<RawRecord> output) throws Exception {
    InputStatus status = reader.pollNext(output);
    if (status == InputStatus.NOTHING_AVAILABLE) {
      // A failure may follow an empty fetch.
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
