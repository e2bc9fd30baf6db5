// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.records;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** JSON records of the job's topics as trees, which tests can change before they send them. */
public final class Records {

  public static final ObjectMapper JSON = new ObjectMapper();

  private Records() {}

  /** Returns the token at a position of a sequence. */
  public static ObjectNode token(Vectors vectors, int j) {
    return node(
        new JsonRecords()
            .token(null, j, vectors.keys, vectors.keyDim, vectors.values, vectors.valueDim, j));
  }

  /**
   * Returns a query.
   *
   * @param asOf tokens that the sequence must have before the job answers; 0 does not wait
   */
  public static ObjectNode query(String id, long asOf, float[]... vectors) {
    ObjectNode query = JSON.createObjectNode().put("query_id", id);
    ArrayNode list = query.putArray("queries");
    for (float[] vector : vectors) {
      list.add(array(vector));
    }
    if (asOf > 0) {
      query.put("as_of", asOf);
    }
    return query;
  }

  /** Returns a query that recovers the {@code k} largest entries of each output column. */
  public static ObjectNode recover(String id, int k) {
    ObjectNode query = JSON.createObjectNode().put("query_id", id);
    query.putObject("recover").put("k", k);
    return query;
  }

  /** Returns a query for the state of a sequence. */
  public static ObjectNode stats(String id) {
    return node(new JsonRecords().stats(null, id));
  }

  /** Returns a JSON array of numbers. */
  public static ArrayNode array(float[] numbers) {
    ArrayNode array = JSON.createArrayNode();
    for (float number : numbers) {
      array.add(number);
    }
    return array;
  }

  /** Returns a vector as the indices and values of its nonzero numbers. */
  public static ObjectNode sparse(float[] vector) {
    ObjectNode sparse = JSON.createObjectNode();
    ArrayNode indices = sparse.putArray("indices");
    ArrayNode values = sparse.putArray("values");
    for (int i = 0; i < vector.length; i++) {
      if (vector[i] != 0) {
        indices.add(i);
        values.add(vector[i]);
      }
    }
    return sparse;
  }

  private static ObjectNode node(byte[] record) {
    return (ObjectNode) parse(record);
  }

  /** Returns a record as it is sent. */
  public static byte[] bytes(JsonNode node) {
    return bytes(node.toString());
  }

  /** Returns text as it is sent. */
  public static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** Parses a record. */
  public static JsonNode parse(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the numbers of a JSON array. */
  public static double[] doubles(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).doubleValue();
    }
    return numbers;
  }
}
