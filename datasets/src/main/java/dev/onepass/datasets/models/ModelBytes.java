// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

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
 * Turns inner tensors of an ONNX model into its outputs, without a protobuf library. Protobuf
 * merges two messages whose bytes are concatenated, so a fragment that declares the new outputs is
 * appended. The original outputs, and nodes that lead to none of the tensors, are removed, because
 * the runtime would compute them anyway.
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

  /** Returns the model with the named tensors as its only outputs. */
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

  /** Returns the graph without its outputs and without nodes that lead to none of the tensors. */
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
    // ONNX stores nodes in the order of execution, so one pass from the last to the first is
    // enough.
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

  /** Skips the content of a field, and returns it if the field has a length. */
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

  /** Reads the low 32 bits, which hold every tag and length of a model that fits in one array. */
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
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
