// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.options.SettingsReader;
import dev.onepass.operators.event.FlowTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.NonChainedOutput;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineTest {

  private static StreamExecutionEnvironment environment(String guarantee) {
    return environment(guarantee, Map.of());
  }

  /** Returns an environment with the job. */
  static StreamExecutionEnvironment environment(String guarantee, Map<String, String> more) {
    Map<String, String> options = new HashMap<>(more);
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("kafka.delivery-guarantee", guarantee);
    options.put("kafka.transactional-id-prefix", "onepass");
    options.put("sketch.key-dim", "16");
    Configuration flink =
        new Configuration().set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(7));
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(3, flink);
    Pipeline.build(environment, SettingsReader.read(options));
    return environment;
  }

  /** A savepoint can change the order, except for records that wait to be ordered. */
  @Test
  void eventTimeAddsOneOperator() {
    List<String> arrival = uids(environment("at-least-once"));
    List<String> eventTime = uids(environment("at-least-once", Map.of("order.mode", "event-time")));

    assertThat(eventTime).containsAll(arrival).hasSize(arrival.size() + 1).contains("order");
  }

  private static List<String> uids(StreamExecutionEnvironment environment) {
    return environment.getStreamGraph().getStreamNodes().stream()
        .map(StreamNode::getTransformationUID)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "exactly-once"})
  void everyVertexHas1024KeyGroups(String guarantee) {
    StreamGraph graph = environment(guarantee).getStreamGraph();
    for (JobVertex vertex : graph.getJobGraph().getVertices()) {
      assertThat(vertex.getMaxParallelism()).as(vertex.getName()).isEqualTo(1024);
    }
    assertThat(Pipeline.MAX_PARALLELISM).isEqualTo(1024);
  }

  @Test
  void smallOperatorsAreChained() {
    List<String> vertices = new ArrayList<>();
    environment("at-least-once")
        .getStreamGraph()
        .getJobGraph()
        .getVertices()
        .forEach(vertex -> vertices.add(vertex.getName()));
    assertThat(vertices)
        .anyMatch(name -> name.contains("Decode tokens") && name.contains("Route tokens"))
        .anyMatch(name -> name.contains("Decode queries") && name.contains("Route queries"))
        .anyMatch(name -> name.contains("Fold tokens") && name.contains("Encode answers"))
        .anyMatch(name -> name.contains("Merge answers") && name.contains("Encode merged"))
        .anyMatch(name -> name.contains("Decode tokens") && name.contains("Sample tokens"))
        .anyMatch(name -> name.contains("Decode queries") && name.contains("Sample queries"))
        .anyMatch(name -> name.contains("Read anchors") && name.contains("Decode anchors"));
  }

  /** Each buffer timeout costs a thread that wakes up regularly. */
  @Test
  void onlyTokensQueriesAndAnswersAreFlushedEarly() {
    assertThat(hurried(Map.of()))
        .containsExactlyInAnyOrder("tokens-route", "queries-route", "encode");
    assertThat(hurried(Map.of("shards.sequences", "*", "shards.count", "4")))
        .containsExactlyInAnyOrder(
            "tokens-route", "queries-route", "sequences", "encode", "encode-merged");
    assertThat(hurried(Map.of("order.mode", "event-time")))
        .containsExactlyInAnyOrder("tokens-route", "queries-route", "order", "encode");
  }

  /** Returns the uids of operators that flush their records after the job's buffer timeout. */
  private static Set<String> hurried(Map<String, String> options) {
    StreamExecutionEnvironment environment = environment("at-least-once", options);
    environment.setBufferTimeout(5);
    StreamGraph graph = environment.getStreamGraph();
    Set<String> hurried = new HashSet<>();
    for (JobVertex vertex : graph.getJobGraph().getVertices()) {
      for (NonChainedOutput output :
          new StreamConfig(vertex.getConfiguration())
              .getVertexNonChainedOutputs(PipelineTest.class.getClassLoader())) {
        if (output.getBufferTimeout() == 5) {
          hurried.add(graph.getStreamNode(output.getSourceNodeId()).getTransformationUID());
        }
      }
    }
    return hurried;
  }

  @Test
  void nothingIsSerializedGenerically() {
    StreamGraph graph = environment("exactly-once").getStreamGraph();
    int own = 0;
    for (StreamNode node : graph.getStreamNodes()) {
      List<TypeSerializer<?>> serializers = new ArrayList<>(List.of(node.getTypeSerializersIn()));
      serializers.add(node.getTypeSerializerOut());
      serializers.add(node.getStateKeySerializer());
      for (StreamEdge edge : node.getOutEdges()) {
        if (edge.getOutputTag() != null) {
          serializers.add(
              edge.getOutputTag()
                  .getTypeInfo()
                  .createSerializer(graph.getExecutionConfig().getSerializerConfig()));
        }
      }
      for (TypeSerializer<?> serializer : serializers) {
        if (serializer == null) {
          continue;
        }
        assertThat(serializer.getClass().getName())
            .as(node.getOperatorName())
            .doesNotContain("Kryo")
            .doesNotContain("Pojo");
        own += serializer.getClass().getPackageName().startsWith("dev.onepass") ? 1 : 0;
      }
    }
    assertThat(own).isGreaterThan(15);
    assertThat(graph.getExecutionConfig().getSerializerConfig().hasGenericTypesDisabled()).isTrue();
  }

  @Test
  void stateIsKeyedBySequence() {
    assertThat(environment("at-least-once").getStreamGraph().getStreamNodes())
        .filteredOn(node -> "sequences".equals(node.getTransformationUID()))
        .singleElement()
        .satisfies(
            node -> {
              assertThat(node.getStateKeySerializer())
                  .isSameAs(FlowTypes.KEY.createSerializer(null));
              assertThat(node.getInEdges()).as("tokens, queries, anchor sets, holes").hasSize(4);
            });
  }

  @Test
  void settingsOfFlinkStay() {
    StreamExecutionEnvironment environment = environment("at-least-once");
    assertThat(environment.getCheckpointConfig().getCheckpointInterval()).isEqualTo(7_000);
    assertThat(environment.getParallelism()).isEqualTo(3);
    for (Transformation<?> transformation : environment.getTransformations()) {
      assertThat(transformation.getName()).isNotBlank();
    }
  }
}
