package dev.onepass.testkit.records;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Records as the public contract has them. */
public final class Records {

  public static final ObjectMapper JSON = new ObjectMapper();

  private Records() {}

  /** Returns a sequence's token of a position. */
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

  public static ObjectNode recover(String id, int k) {
    ObjectNode query = JSON.createObjectNode().put("query_id", id);
    query.putObject("recover").put("k", k);
    return query;
  }

  public static ObjectNode stats(String id) {
    return node(new JsonRecords().stats(null, id));
  }

  public static ArrayNode array(float[] numbers) {
    ArrayNode array = JSON.createArrayNode();
    for (float number : numbers) {
      array.add(number);
    }
    return array;
  }

  private static ObjectNode node(byte[] record) {
    return (ObjectNode) parse(record);
  }

  /** Returns a record as it is sent. */
  public static byte[] bytes(JsonNode node) {
    return bytes(node.toString());
  }

  /** Text as it is sent. */
  public static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** A record as it was read. */
  public static JsonNode parse(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The numbers of a list. */
  public static double[] doubles(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).doubleValue();
    }
    return numbers;
  }
}
