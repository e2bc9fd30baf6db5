// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.testkit.records.JsonRecords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes and reads the JSON records of the job's topics, by their public description and without
 * the job's classes. Not thread-safe.
 */
final class Records {
  private final JsonFactory json =
      JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();
  private final JsonRecords writer = new JsonRecords();

  /** Writes a token: the row of the head at the given position of the sequence. */
  byte[] token(Sequence sequence, HeadRows rows, int position) {
    return writer.token(
        sequence.head().toString(),
        position,
        rows.keys(),
        rows.dim(),
        rows.values(),
        rows.dim(),
        sequence.firstRow() + position);
  }

  /** Writes a query of one or more vectors, to be answered once the sequence is long enough. */
  byte[] query(Question question, HeadRows rows) {
    return writer.query(
        question.sequence().head().toString(),
        question.id(),
        question.asOf(),
        rows.queries(),
        rows.dim(),
        question.rows());
  }

  /** Writes a query for the state of a sequence. */
  byte[] stats(String id, Sequence sequence) {
    return writer.stats(sequence.head().toString(), id);
  }

  /** Reads a record of the outputs topic, an answer or statistics. */
  Reply reply(byte[] record, long nanos) throws IOException {
    Map<String, Object> fields;
    try (JsonParser in = json.createParser(record)) {
      in.nextToken();
      if (!(value(in) instanceof Map<?, ?> map)) {
        throw new IOException("an answer is not a JSON object");
      }
      fields = new LinkedHashMap<>();
      map.forEach((name, value) -> fields.put((String) name, value));
    }
    String id = text(fields, "query_id");
    long tokens = number(fields, "tokens").longValue();
    boolean exact = Boolean.TRUE.equals(fields.get("exact"));
    if (fields.containsKey("state_bytes")) {
      long stateBytes = number(fields, "state_bytes").longValue();
      return new Reply.Stats(id, text(fields, "sequence"), tokens, stateBytes, exact, nanos);
    }
    List<double[]> outputs = new ArrayList<>();
    for (Object row : list(fields, "outputs")) {
      outputs.add(numbers(row));
    }
    double[] beyond =
        fields.get("beyond_bound") == null ? null : numbers(fields.get("beyond_bound"));
    int anchorsVersion =
        fields.get("anchors_version") instanceof Number version ? version.intValue() : 0;
    boolean timedOut = Boolean.TRUE.equals(fields.get("timed_out"));
    return new Reply.Answer(
        id,
        tokens,
        outputs.toArray(double[][]::new),
        numbers(list(fields, "error")),
        beyond,
        anchorsVersion,
        exact,
        timedOut,
        nanos);
  }

  private static Object value(JsonParser in) throws IOException {
    switch (in.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          in.nextToken();
          fields.put(name, value(in));
        }
        return fields;
      }
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(in));
        }
        return items;
      }
      case VALUE_NUMBER_INT -> {
        return in.getLongValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        return in.getDoubleValue();
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return in.getBooleanValue();
      }
      case VALUE_NULL -> {
        return null;
      }
      default -> {
        return in.getText();
      }
    }
  }

  private static String text(Map<String, Object> fields, String name) throws IOException {
    if (fields.get(name) instanceof String text) {
      return text;
    }
    throw new IOException("an answer has no text in '" + name + "'");
  }

  private static Number number(Map<String, Object> fields, String name) throws IOException {
    if (fields.get(name) instanceof Number number) {
      return number;
    }
    throw new IOException("an answer has no number in '" + name + "'");
  }

  private static List<?> list(Map<String, Object> fields, String name) throws IOException {
    if (fields.get(name) instanceof List<?> list) {
      return list;
    }
    throw new IOException("an answer has no list in '" + name + "'");
  }

  private static double[] numbers(Object list) throws IOException {
    if (!(list instanceof List<?> items)) {
      throw new IOException("an answer has no list of numbers where one is expected");
    }
    double[] numbers = new double[items.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = items.get(i) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
    return numbers;
  }
}
