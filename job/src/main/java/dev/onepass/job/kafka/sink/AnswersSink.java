// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.operators.event.RawRecord;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;

/**
 * The connector's sink, which also records what each transaction holds. If a transaction cannot be
 * committed, the lost answers are counted and logged, and their queries can be sent again. It also
 * ends transactions that an earlier attempt left open. It restores state of the connector's sink as
 * well.
 */
public final class AnswersSink
    implements Sink<RawRecord>,
        SupportsWriterState<RawRecord, KafkaWriterState>,
        SupportsCommitter<Transaction>,
        SupportsPostCommitTopology<Transaction>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1L;

  private final KafkaSink<RawRecord> connectors;
  private final SinkTopics topics;
  private final Properties clients;
  private final OrphanedTransactions orphans;

  /**
   * @param connectors the connector's sink, which writes and commits
   * @param topics topics of the job
   * @param clients properties of a client that reads the topics
   * @param orphans ends transactions that an earlier attempt left open
   */
  public AnswersSink(
      KafkaSink<RawRecord> connectors,
      SinkTopics topics,
      Properties clients,
      OrphanedTransactions orphans) {
    this.connectors = connectors;
    this.topics = topics;
    this.clients = clients;
    this.orphans = orphans;
  }

  @Override
  public AnswersWriter createWriter(WriterInitContext context) {
    return restoreWriter(context, List.of());
  }

  @Override
  public AnswersWriter restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> states) {
    WriterProgress progress = new WriterProgress(topics.outputs(), context.metricGroup());
    return new AnswersWriter(
        connectors.restoreWriter(new ObservedContext(context, progress), states),
        progress,
        new ContentsBuilder(topics));
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return connectors.getWriterStateSerializer();
  }

  @Override
  public Committer<Transaction> createCommitter(CommitterInitContext context) {
    return new AnswersCommitter(
        connectors.createCommitter(context),
        orphans,
        new RefusedTransactions(new Visibility(clients), context.metricGroup()));
  }

  @Override
  public SimpleVersionedSerializer<Transaction> getCommittableSerializer() {
    return new TransactionSerializer(connectors.getCommittableSerializer());
  }

  /** Lets the connector put writer and committer into one slot. It reads no committables. */
  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public void addPostCommitTopology(DataStream<CommittableMessage<Transaction>> committed) {
    connectors.addPostCommitTopology(
        (DataStream<CommittableMessage<KafkaCommittable>>) (DataStream) committed);
  }

  @Override
  public LineageVertex getLineageVertex() {
    return connectors.getLineageVertex();
  }
}
