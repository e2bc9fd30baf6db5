package dev.onepass.datasets.minilm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes inner tensors of an ONNX model its outputs, without a protobuf library. New outputs need no
 * parsing: protobuf merges two messages whose bytes stand one after the other, so a fragment that
 * declares them is appended. The model's own outputs and the nodes that no wanted tensor needs are
 * left out, because the runtime would compute them all the same.
 */
final class ModelBytes {
  /** Field numbers of the ONNX format: ModelProto.graph, GraphProto.node and .output. */
  private static final int GRAPH = 7;

  private static final int NODE = 1;
  private static final int OUTPUT = 12;

  /** NodeProto.input, NodeProto.output, ValueInfoProto.name. */
  private static final int NODE_INPUT = 1;

  private static final int NODE_OUTPUT = 2;
  private static final int NAME = 1;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private ModelBytes() {}

  /** The model with the named tensors as its only outputs. */
  static byte[] withOutputs(byte[] model, List<String> tensors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(model.length + 4_096);
    ByteBuffer in = ByteBuffer.wrap(model);
    while (in.hasRemaining()) {
      int start = in.position();
      int tag = readVarint(in);
      ByteBuffer content = skip(in, tag);
      if (tag >>> 3 == GRAPH) {
        writeField(out, GRAPH, pruned(content, Set.copyOf(tensors)));
      } else {
        out.write(model, start, in.position() - start);
      }
    }
    out.writeBytes(outputsFragment(tensors));
    return out.toByteArray();
  }

  /** ModelProto { graph { output { name: tensor } ... } }. */
  static byte[] outputsFragment(List<String> tensors) {
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    for (String tensor : tensors) {
      ByteArrayOutputStream valueInfo = new ByteArrayOutputStream();
      writeField(valueInfo, NAME, tensor.getBytes(StandardCharsets.UTF_8));
      writeField(graph, OUTPUT, valueInfo.toByteArray());
    }
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    writeField(model, GRAPH, graph.toByteArray());
    return model.toByteArray();
  }

  /** The graph without its outputs and with those nodes only that lead to the tensors. */
  private static byte[] pruned(ByteBuffer graph, Set<String> tensors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(graph.remaining());
    Deque<ByteBuffer> nodes = new ArrayDeque<>();
    while (graph.hasRemaining()) {
      int start = graph.position();
      int tag = readVarint(graph);
      ByteBuffer content = skip(graph, tag);
      if (tag >>> 3 == NODE) {
        nodes.push(content);
      } else if (tag >>> 3 != OUTPUT) {
        out.write(graph.array(), graph.arrayOffset() + start, graph.position() - start);
      }
    }
    // ONNX keeps nodes in the order of execution, so one walk from the last to the first suffices.
    Set<String> needed = new HashSet<>(tensors);
    Deque<ByteBuffer> kept = new ArrayDeque<>();
    for (ByteBuffer node : nodes) {
      if (names(node, NODE_OUTPUT).stream().anyMatch(needed::contains)) {
        needed.addAll(names(node, NODE_INPUT));
        kept.push(node);
      }
    }
    for (ByteBuffer node : kept) {
      byte[] bytes = new byte[node.remaining()];
      node.duplicate().get(bytes);
      writeField(out, NODE, bytes);
    }
    return out.toByteArray();
  }

  private static List<String> names(ByteBuffer node, int field) {
    ByteBuffer in = node.duplicate();
    List<String> names = new ArrayList<>();
    while (in.hasRemaining()) {
      int tag = readVarint(in);
      ByteBuffer content = skip(in, tag);
      if (tag >>> 3 == field) {
        names.add(StandardCharsets.UTF_8.decode(content).toString());
      }
    }
    return names;
  }

  /** Moves past the content of a field and returns it when it has a length of its own. */
  private static ByteBuffer skip(ByteBuffer in, int tag) {
    int length =
        switch (tag & 7) {
          case VARINT -> {
            readVarint(in);
            yield 0;
          }
          case FIXED64 -> Long.BYTES;
          case FIXED32 -> Integer.BYTES;
          case LENGTH_DELIMITED -> readVarint(in);
          default ->
              throw new IllegalArgumentException("not an ONNX model: wire type " + (tag & 7));
        };
    ByteBuffer content = in.slice(in.position(), length);
    in.position(in.position() + length);
    return content;
  }

  /** The low 32 bits suffice: tags and lengths of a model in one array fit. */
  private static int readVarint(ByteBuffer in) {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = in.get();
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return (int) value;
  }

  private static void writeField(ByteArrayOutputStream out, int number, byte[] content) {
    writeVarint(out, number << 3 | LENGTH_DELIMITED);
    writeVarint(out, content.length);
    out.writeBytes(content);
  }

  private static void writeVarint(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
