// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sequence.store.ManagedSequenceStore;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/**
 * Checks that a job which was stopped with a savepoint and resumed at another parallelism has the
 * same bytes in its state as a job that was not stopped, and that it can be stopped at any moment.
 */
class RescaleITCase extends OnCluster {

  private static final int SEQUENCES = 20;
  private static final int TOKENS = 1_000;

  private static final Map<String, String> OPTIONS =
      Map.of("sketch.key-dim", "4", "sketch.state-size", "8KiB", "as-of.timeout", "10 min");

  @Test
  void stateIsIdenticalAtAnotherParallelism() throws Exception {
    List<Vectors> sequences = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      // Some sequences stay exact, some exceed their state size before the savepoint, some after.
      sequences.add(new Vectors("s" + i, TOKENS * (i + 1) / SEQUENCES, 4, 4, 0.3, 200 + i));
    }
    Client.Topics straight = cluster.createTopics("straight", Map.of());
    FlinkJob job = cluster.submit(straight, OPTIONS, 2, SavepointRestoreSettings.none());
    send(straight, sequences, 0, TOKENS);
    awaitAll(straight, sequences, TOKENS);
    String whole = job.stopWithSavepoint(directory.resolve("savepoints"));

    Client.Topics broken = cluster.createTopics("broken", Map.of());
    FlinkJob first = cluster.submit(broken, OPTIONS, 1, SavepointRestoreSettings.none());
    // Not a multiple of the cut size, so that pending blocks are partly filled.
    send(broken, sequences, 0, TOKENS / 2 + 7);
    awaitAll(broken, sequences, TOKENS / 2 + 7);
    ask(broken, sequences, TOKENS, "waiting-");
    String middle = first.stopWithSavepoint(directory.resolve("savepoints"));
    FlinkJob second = cluster.submit(broken, OPTIONS, 4, SavepointRestoreSettings.forPath(middle));
    send(broken, sequences, TOKENS / 2 + 7, TOKENS);
    awaitAll(broken, sequences, TOKENS);
    String resumed = second.stopWithSavepoint(directory.resolve("savepoints"));

    Map<String, String> expected = read(whole);
    assertThat(expected).hasSize(SEQUENCES);
    assertThat(expected.values()).anyMatch(state -> state.contains("sketch=4f50"));
    assertThat(read(resumed)).isEqualTo(expected);
    assertThat(answered(broken, "waiting-")).hasSize(SEQUENCES);
  }

  /** Stops a job while some subtasks of a source are in the middle of a batch and others wait. */
  @Test
  void aBusyJobIsStoppedAndResumed() throws Exception {
    Client.Topics topics = cluster.createTopics("busy", Map.of());
    Traffic traffic = new Traffic(cluster, topics, 12, TOKENS, 3);
    SavepointRestoreSettings from = SavepointRestoreSettings.none();
    int stops = 5;
    for (int stop = 0; stop < stops; stop++) {
      FlinkJob job = cluster.submit(topics, Traffic.OPTIONS, 1 + stop % 3, from);
      traffic.send(TOKENS * stop / stops, TOKENS * (stop + 1) / stops);
      from =
          SavepointRestoreSettings.forPath(job.stopWithSavepoint(directory.resolve("savepoints")));
    }
    FlinkJob last = cluster.submit(topics, Traffic.OPTIONS, 2, from);
    traffic.askForAll();
    traffic.check(cluster.readExactly(topics.outputs(), traffic.asked(), Duration.ofSeconds(60)));
    last.cancel();
  }

  private static void send(Client.Topics topics, List<Vectors> sequences, int from, int to) {
    for (int j = from; j < to; j++) {
      for (Vectors vectors : sequences) {
        if (j < vectors.count) {
          cluster.sendToken(topics, vectors, j);
        }
      }
    }
    cluster.flush();
  }

  private static void ask(
      Client.Topics topics, List<Vectors> sequences, int tokens, String prefix) {
    for (Vectors vectors : sequences) {
      cluster.send(
          topics.queries(),
          Records.bytes(vectors.sequence),
          Records.bytes(
              Records.query(
                  prefix + vectors.sequence,
                  Math.min(tokens, vectors.count),
                  new float[vectors.keyDim])));
    }
    cluster.flush();
  }

  /** Waits until every sequence has accepted the given number of tokens, or all it has. */
  private static void awaitAll(Client.Topics topics, List<Vectors> sequences, int tokens) {
    String prefix = "at-" + tokens + "-";
    ask(topics, sequences, tokens, prefix);
    cluster.read(
        topics.outputs(),
        Duration.ofSeconds(60),
        soFar -> count(soFar, prefix) == sequences.size());
    assertThat(answered(topics, prefix)).hasSize(sequences.size());
  }

  private static long count(List<ConsumerRecord<byte[], byte[]>> outputs, String prefix) {
    return outputs.stream().map(Written::queryId).filter(id -> id.startsWith(prefix)).count();
  }

  private static List<String> answered(Client.Topics topics, String prefix) {
    return cluster.read(topics.outputs(), Duration.ofSeconds(2), soFar -> false).stream()
        .map(Written::queryId)
        .filter(id -> id.startsWith(prefix))
        .toList();
  }

  /** Returns the state of every sequence in a savepoint, by sequence. */
  private static Map<String, String> read(String savepoint) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.setParallelism(1);
    Map<String, String> states = new TreeMap<>();
    try (CloseableIterator<Tuple2<String, String>> rows =
        SavepointReader.read(environment, savepoint, new EmbeddedRocksDBStateBackend())
            .readKeyedState(
                OperatorIdentifier.forUid(Sequences.UID),
                new StateReader(),
                FlowTypes.KEY,
                Types.TUPLE(Types.STRING, Types.STRING))
            .executeAndCollect()) {
      rows.forEachRemaining(row -> states.put(row.f0, row.f1));
    }
    return states;
  }

  private static final class StateReader
      extends KeyedStateReaderFunction<SequenceKey, Tuple2<String, String>> {
    private static final long serialVersionUID = 1L;

    private transient ManagedSequenceStore store;

    @Override
    public void open(OpenContext context) {
      store = new ManagedSequenceStore(getRuntimeContext());
    }

    @Override
    public void readKey(SequenceKey key, Context context, Collector<Tuple2<String, String>> out) {
      Header header = store.header().header();
      TokenBlock pending = store.pending(header.keyDim(), header.valueDim());
      byte[] sketch = store.sketch();
      StringBuilder state = new StringBuilder();
      state.append("header=").append(HexFormat.of().formatHex(header.toByteArray()));
      state.append(" pending=");
      for (int i = 0; i < pending.count() * header.keyDim(); i++) {
        state.append(Integer.toHexString(Float.floatToRawIntBits(pending.keys()[i]))).append(',');
      }
      for (int i = 0; i < pending.count() * header.valueDim(); i++) {
        state.append(Integer.toHexString(Float.floatToRawIntBits(pending.values()[i]))).append(',');
      }
      state.append(" sketch=").append(sketch == null ? "none" : HexFormat.of().formatHex(sketch));
      out.collect(Tuple2.of(key.sequence(), state.toString()));
    }
  }
}
