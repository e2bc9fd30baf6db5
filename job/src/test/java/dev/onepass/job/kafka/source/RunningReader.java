// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import dev.onepass.job.options.OnepassOptions;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.util.Collector;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Runs a reader as a task does, on the thread of the test. */
final class RunningReader implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final SourceReader<RawRecord, KafkaPartitionSplit> reader;

  /** Emitted records, by offset, and holes, as text. */
  final List<String> given = new ArrayList<>();

  private final MetricListener metrics = new MetricListener();
  private final Output output = new Output();

  RunningReader(String servers, String topic, OnepassOptions.LostRecords lostRecords) {
    KafkaSource<RawRecord> source =
        KafkaSource.<RawRecord>builder()
            .setBootstrapServers(servers)
            .setGroupId("g")
            .setTopics(topic)
            .setStartingOffsets(new FromBeginning())
            .setProperty("isolation.level", "read_committed")
            // Fetches little ahead.
            .setProperty("max.poll.records", "1")
            .setProperty("max.partition.fetch.bytes", "1")
            .setProperty("fetch.max.bytes", "1")
            .setProperty("default.api.timeout.ms", "5000")
            .setProperty("request.timeout.ms", "4000")
            .setDeserializer(new Deserializer())
            .build();
    WatchedSource watched =
        new WatchedSource(
            source, new Deserializer(), topic, lostRecords, true, Duration.ofMillis(300));
    reader = watched.createReader(new Context());
    reader.start();
  }

  RunningReader with(KafkaPartitionSplit... splits) {
    reader.addSplits(List.of(splits));
    return this;
  }

  /** Runs until this many records and holes were emitted. */
  void run(int count) throws Exception {
    runUntil(() -> given.size() >= count);
  }

  void runUntil(BooleanSupplier done) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + PATIENCE + ", so far: " + given);
      }
      if (reader.pollNext(output) == InputStatus.NOTHING_AVAILABLE) {
        try {
          reader.isAvailable().get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // The condition may hold now.
        }
      }
    }
  }

  /** Runs a little longer, to detect unexpected records. */
  void runOn() throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    runUntil(() -> System.nanoTime() > end);
  }

  long counter(String name) {
    return metrics.getCounter("onepass", name).orElseThrow().getCount();
  }

  long gauge(String name) {
    return metrics.<Long>getGauge("onepass", name).orElseThrow().getValue();
  }

  KafkaPartitionSplit snapshot() {
    List<KafkaPartitionSplit> splits = reader.snapshotState(1);
    if (splits.size() != 1) {
      throw new AssertionError("not one split: " + splits);
    }
    return splits.get(0);
  }

  @Override
  public void close() throws Exception {
    reader.close();
  }

  private static final class Deserializer implements KafkaRecordDeserializationSchema<RawRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RawRecord> out) {
      out.collect(
          new RawRecord(
              record.topic(),
              record.partition(),
              record.offset(),
              record.timestamp(),
              record.key(),
              record.value(),
              Headers.NONE));
    }

    @Override
    public TypeInformation<RawRecord> getProducedType() {
      return FlowTypes.RAW_RECORD;
    }
  }

  private final class Output implements ReaderOutput<RawRecord> {

    @Override
    public void collect(RawRecord record) {
      given.add(Hole.is(record) ? Hole.of(record).toString() : Long.toString(record.offset()));
    }

    @Override
    public void collect(RawRecord record, long timestamp) {
      collect(record);
    }

    @Override
    public SourceOutput<RawRecord> createOutputForSplit(String splitId) {
      return this;
    }

    @Override
    public void releaseOutputForSplit(String splitId) {}

    @Override
    public void emitWatermark(Watermark watermark) {}

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}
  }

  private final class Context implements SourceReaderContext {

    private final SourceReaderMetricGroup group =
        InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup());

    @Override
    public SourceReaderMetricGroup metricGroup() {
      return group;
    }

    @Override
    public Configuration getConfiguration() {
      return new Configuration();
    }

    @Override
    public String getLocalHostName() {
      return "localhost";
    }

    @Override
    public int getIndexOfSubtask() {
      return 0;
    }

    @Override
    public void sendSplitRequest() {}

    @Override
    public void sendSourceEventToCoordinator(SourceEvent event) {}

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      return SimpleUserCodeClassLoader.create(getClass().getClassLoader());
    }
  }
}
