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
 * The connector's sink, which knows in addition what each of its transactions holds: so what is
 * lost with one that cannot be committed is counted, named, and can be asked again. It ends what an
 * earlier attempt left open. State of the connector's sink alone is restored.
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
   * A sink.
   *
   * @param connectors who writes and commits
   * @param clients properties of a client that reads what was written
   * @param orphans ends what an earlier attempt left open
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
        new OrphanEndingCommitter(connectors.createCommitter(context), orphans),
        new RefusedTransactions(new Visibility(clients), context.metricGroup()));
  }

  @Override
  public SimpleVersionedSerializer<Transaction> getCommittableSerializer() {
    return new TransactionSerializer(connectors.getCommittableSerializer());
  }

  /** The connector only wants writer and committer in one slot; it looks at no committable. */
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
