// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.topology;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;

/**
 * Finds the serializers of a job graph: those of inputs, outputs, keys and side outputs of every
 * operator. Does not look into composite serializers; {@code pipeline.generic-types: false}
 * prevents Kryo there when the graph is built.
 */
public final class GraphSerializers {

  private GraphSerializers() {}

  /** Returns the serializers by the name of the operator. */
  public static Map<String, List<TypeSerializer<?>>> of(StreamGraph graph) {
    Map<String, List<TypeSerializer<?>>> serializers = new LinkedHashMap<>();
    for (StreamNode node : graph.getStreamNodes()) {
      List<TypeSerializer<?>> own =
          serializers.computeIfAbsent(node.getOperatorName(), ignored -> new ArrayList<>());
      Stream.of(node.getTypeSerializersIn()).filter(Objects::nonNull).forEach(own::add);
      Stream.of(node.getTypeSerializerOut(), node.getStateKeySerializer())
          .filter(Objects::nonNull)
          .forEach(own::add);
      node.getOutEdges().stream()
          .map(StreamEdge::getOutputTag)
          .filter(Objects::nonNull)
          .map(tag -> tag.getTypeInfo().createSerializer(new SerializerConfigImpl()))
          .forEach(own::add);
    }
    return serializers;
  }

  /** Returns the serializers that Flink derived by itself, as {@code operator: serializer}. */
  public static List<String> guessed(StreamGraph graph) {
    List<String> guessed = new ArrayList<>();
    of(graph)
        .forEach(
            (operator, serializers) ->
                serializers.stream()
                    .filter(s -> s instanceof KryoSerializer || s instanceof PojoSerializer)
                    .forEach(s -> guessed.add(operator + ": " + s.getClass().getSimpleName())));
    return guessed;
  }
}
