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
 * The serializers of a job graph: inputs, outputs, keys and side outputs of every operator. What
 * lies inside a composite one is not looked at; {@code pipeline.generic-types: false} stops Kryo
 * there when the graph is made.
 */
public final class GraphSerializers {

  private GraphSerializers() {}

  /** Serializers by the name of the operator. */
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

  /** Where Flink had to guess how a class is written: {@code operator: serializer}. */
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
