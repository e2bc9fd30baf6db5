// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;

/** The connector's writer, which also records what each transaction holds. */
final class AnswersWriter
    implements StatefulSinkWriter<RawRecord, KafkaWriterState>,
        CommittingSinkWriter<RawRecord, Transaction> {

  private final PrecommittingStatefulSinkWriter<RawRecord, KafkaWriterState, KafkaCommittable>
      connectors;
  private final WriterProgress progress;
  private final ContentsBuilder contents;

  /**
   * @param connectors the connector's writer
   * @param progress receives the brokers' acknowledgements from the connector
   * @param contents records what is written
   */
  AnswersWriter(
      PrecommittingStatefulSinkWriter<RawRecord, KafkaWriterState, KafkaCommittable> connectors,
      WriterProgress progress,
      ContentsBuilder contents) {
    this.connectors = connectors;
    this.progress = progress;
    this.contents = contents;
  }

  @Override
  public void write(RawRecord record, Context context) throws IOException, InterruptedException {
    contents.add(record);
    progress.handOver();
    connectors.write(record, context);
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    connectors.flush(endOfInput);
  }

  @Override
  public void writeWatermark(Watermark watermark) throws IOException, InterruptedException {
    connectors.writeWatermark(watermark);
  }

  /** Returns the transactions. All records are flushed, so the contents are complete. */
  @Override
  public Collection<Transaction> prepareCommit() throws IOException, InterruptedException {
    Contents held = contents.take(progress.takePlace());
    return connectors.prepareCommit().stream()
        .map(committable -> new Transaction(committable, held))
        .toList();
  }

  @Override
  public List<KafkaWriterState> snapshotState(long checkpointId) throws IOException {
    return connectors.snapshotState(checkpointId);
  }

  @Override
  public void close() {
    QuietClose.close("the writer of answers", connectors);
  }
}
