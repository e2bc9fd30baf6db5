// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onepass.testkit.records.Records;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes tokens and queries and reads replies, in JSON or in Protobuf. It follows the public
 * description of the records and uses no class of the job.
 */
record EitherFormat(String name) {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /**
   * A vector as it is sent: whole, or with indices.
   *
   * @param indices null for a whole vector
   * @param numbers all numbers, or the numbers at the indices
   */
  record Vec(int[] indices, float[] numbers) {

    static Vec dense(float[] vector) {
      return new Vec(null, vector);
    }

    static Vec sparse(float[] vector) {
      JsonNode nonzeros = Records.sparse(vector);
      int[] indices = new int[nonzeros.get("indices").size()];
      float[] numbers = new float[indices.length];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = nonzeros.get("indices").get(i).intValue();
        numbers[i] = vector[indices[i]];
      }
      return new Vec(indices, numbers);
    }
  }

  /**
   * The optional numbers of a token or a retraction. Null leaves a field out.
   *
   * @param timestamp of the retracted token's record, in epoch milliseconds
   */
  record Details(Long position, Float bias, Long timestamp) {

    static final Details NONE = new Details(null, null, null);

    private void writeTo(ObjectNode token) {
      if (position != null) {
        token.put("position", position);
      }
      if (bias != null) {
        token.put("bias", bias);
      }
      if (timestamp != null) {
        token.put("timestamp", timestamp);
      }
    }
  }

  /**
   * A reply.
   *
   * @param outputs one row for each query vector
   * @param errors NaN where none is stated
   * @param anchorsVersion 0 for none
   * @param columns of a recover query: the entries of each column, by row
   * @param tails of a recover query: one for each column
   */
  record Reply(
      String id,
      long tokens,
      String sketch,
      boolean exact,
      List<List<Double>> outputs,
      List<Double> errors,
      List<Double> logNormalizers,
      long anchorsVersion,
      List<Map<Long, Double>> columns,
      List<Double> tails) {}

  private boolean isJson() {
    return name.equals("json");
  }

  /**
   * Writes a token or a retraction.
   *
   * @param head null leaves the field out
   */
  byte[] token(String head, boolean retract, Vec key, Vec value) {
    return token(head, retract, key, value, Details.NONE);
  }

  /**
   * Writes a token or a retraction with its optional numbers.
   *
   * @param head null leaves the field out
   */
  byte[] token(String head, boolean retract, Vec key, Vec value, Details details) {
    if (isJson()) {
      ObjectNode token = Records.JSON.createObjectNode();
      token.set("key", json(key));
      token.set("value", json(value));
      if (retract) {
        token.put("op", "retract");
      }
      details.writeTo(token);
      return Records.bytes(withHead(token, head));
    }
    return joined(
        number(1, details.position),
        key.indices == null ? floats(2, key.numbers) : field(10, sparse(key)),
        value.indices == null ? floats(3, value.numbers) : field(11, sparse(value)),
        text(4, head),
        retract ? number(5, 1) : new byte[0],
        fixed(6, details.bias),
        number(7, details.timestamp));
  }

  /**
   * Writes a query.
   *
   * @param head null leaves the field out
   * @param asOf tokens that the sequence must have before the job answers
   */
  byte[] query(String head, String id, long asOf, List<Vec> vectors) {
    if (isJson()) {
      ObjectNode query = Records.JSON.createObjectNode().put("query_id", id).put("as_of", asOf);
      ArrayNode list = query.putArray("queries");
      vectors.forEach(vector -> list.add(json(vector)));
      return Records.bytes(withHead(query, head));
    }
    ByteArrayOutputStream query = new ByteArrayOutputStream();
    query.writeBytes(text(1, id));
    for (Vec vector : vectors) {
      boolean dense = vector.indices == null;
      query.writeBytes(field(2, dense ? floats(1, vector.numbers) : field(2, sparse(vector))));
    }
    query.writeBytes(text(3, head));
    query.writeBytes(number(4, asOf));
    return query.toByteArray();
  }

  /** Writes a query that recovers the {@code k} largest entries of each output column. */
  byte[] recover(String id, int k) {
    return isJson()
        ? Records.bytes(Records.recover(id, k))
        : joined(text(1, id), field(5, number(1, k)));
  }

  private static JsonNode withHead(ObjectNode record, String head) {
    return head == null ? record : record.put("head", head);
  }

  private static JsonNode json(Vec vector) {
    if (vector.indices == null) {
      return Records.array(vector.numbers);
    }
    ObjectNode sparse = Records.JSON.createObjectNode();
    ArrayNode indices = sparse.putArray("indices");
    for (int index : vector.indices) {
      indices.add(index);
    }
    sparse.set("values", Records.array(vector.numbers));
    return sparse;
  }

  private static byte[] sparse(Vec vector) {
    ByteArrayOutputStream indices = new ByteArrayOutputStream();
    for (int index : vector.indices) {
      indices.writeBytes(varint(index));
    }
    return joined(field(1, indices.toByteArray()), floats(2, vector.numbers));
  }

  private static byte[] text(int field, String text) {
    return text == null ? new byte[0] : field(field, Records.bytes(text));
  }

  private static byte[] floats(int field, float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return field(field, bytes.array());
  }

  private static byte[] number(int field, Long value) {
    return value == null ? new byte[0] : number(field, value.longValue());
  }

  private static byte[] fixed(int field, Float value) {
    if (value == null) {
      return new byte[0];
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return joined(varint((long) field << 3 | FIXED32), bytes.putFloat(value).array());
  }

  private static byte[] number(int field, long value) {
    return joined(varint((long) field << 3 | VARINT), varint(value));
  }

  private static byte[] field(int field, byte[] content) {
    return joined(varint((long) field << 3 | BYTES), varint(content.length), content);
  }

  private static byte[] varint(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      out.write((int) ((rest & 0x7f) | 0x80));
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Reads a record of the outputs topic. */
  Reply reply(byte[] record) {
    return isJson() ? json(Records.parse(record)) : protobuf(record);
  }

  private static Reply json(JsonNode reply) {
    List<List<Double>> outputs = new ArrayList<>();
    reply.path("outputs").forEach(row -> outputs.add(numbers(row)));
    List<Map<Long, Double>> columns = new ArrayList<>();
    for (JsonNode column : reply.path("columns")) {
      Map<Long, Double> entries = new TreeMap<>();
      column.forEach(entry -> entries.put(entry.get(0).longValue(), entry.get(1).doubleValue()));
      columns.add(entries);
    }
    return new Reply(
        reply.get("query_id").textValue(),
        reply.path("tokens").longValue(),
        reply.path("sketch").textValue(),
        reply.path("exact").booleanValue(),
        outputs,
        numbers(reply.path("error")),
        numbers(reply.path("log_normalizer")),
        reply.path("anchors_version").asLong(0),
        columns,
        numbers(reply.path("tail")));
  }

  private static List<Double> numbers(JsonNode list) {
    List<Double> numbers = new ArrayList<>();
    list.forEach(number -> numbers.add(number.isNull() ? Double.NaN : number.doubleValue()));
    return numbers;
  }

  private static Reply protobuf(byte[] record) {
    Fields reply = Fields.of(ByteBuffer.wrap(record));
    Fields output = reply.message(4);
    List<List<Double>> outputs = new ArrayList<>();
    output.messages(1, vector -> outputs.add(vector.floats(1)));
    List<Map<Long, Double>> columns = new ArrayList<>();
    List<Double> tails = new ArrayList<>();
    reply
        .message(5)
        .messages(
            2,
            column -> {
              columns.add(column.entries());
              tails.add((double) Float.intBitsToFloat((int) column.number(3)));
            });
    return new Reply(
        reply.text(2),
        output.number(6),
        output.text(8),
        output.number(10) != 0,
        outputs,
        output.floats(2),
        output.doubles(3),
        output.number(9),
        columns,
        tails);
  }

  /** The fields of a Protobuf message: numbers, and the bytes of texts, messages and lists. */
  private record Fields(Map<Integer, Long> numbers, Map<Integer, List<ByteBuffer>> contents) {

    static Fields of(ByteBuffer message) {
      Fields fields = new Fields(new HashMap<>(), new HashMap<>());
      ByteBuffer in = message.order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        int tag = (int) readVarint(in);
        int field = tag >> 3;
        switch (tag & 7) {
          case VARINT -> fields.numbers.put(field, readVarint(in));
          case FIXED64 -> fields.numbers.put(field, in.getLong());
          case BYTES -> {
            int length = (int) readVarint(in);
            fields
                .contents
                .computeIfAbsent(field, unused -> new ArrayList<>())
                .add(in.slice(in.position(), length));
            in.position(in.position() + length);
          }
          default -> fields.numbers.put(field, (long) in.getInt());
        }
      }
      return fields;
    }

    long number(int field) {
      return numbers.getOrDefault(field, 0L);
    }

    /** Returns the last content of a field, which is empty if the field is absent. */
    private ByteBuffer content(int field) {
      List<ByteBuffer> all = contents.getOrDefault(field, List.of(ByteBuffer.allocate(0)));
      return all.get(all.size() - 1).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    String text(int field) {
      return StandardCharsets.UTF_8.decode(content(field)).toString();
    }

    Fields message(int field) {
      return of(content(field));
    }

    void messages(int field, Consumer<Fields> each) {
      contents
          .getOrDefault(field, List.of())
          .forEach(content -> each.accept(of(content.duplicate())));
    }

    List<Double> floats(int field) {
      List<Double> floats = new ArrayList<>();
      for (ByteBuffer in = content(field); in.hasRemaining(); ) {
        floats.add((double) in.getFloat());
      }
      return floats;
    }

    List<Double> doubles(int field) {
      List<Double> doubles = new ArrayList<>();
      for (ByteBuffer in = content(field); in.hasRemaining(); ) {
        doubles.add(in.getDouble());
      }
      return doubles;
    }

    /** Returns the entries of a recovered column, by row. */
    Map<Long, Double> entries() {
      Map<Long, Double> entries = new TreeMap<>();
      ByteBuffer rows = content(1);
      for (double value : floats(2)) {
        entries.put(readVarint(rows), value);
      }
      return entries;
    }
  }

  private static long readVarint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
