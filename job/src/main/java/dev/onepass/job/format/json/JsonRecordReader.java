// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.FloatBuffer;
import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.format.fields.QueryFields;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.job.format.fields.TokenFields;
import dev.onepass.job.format.fields.VectorBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Reads tokens and queries from JSON, in one pass over the bytes and without boxing numbers. Skips
 * unknown fields, but refuses query fields in camel case. A field that is null counts as absent.
 * Refuses duplicate fields, numbers that are not finite floats, and vectors of the wrong length. A
 * vector is a list of numbers, or an object with {@code indices} and {@code values}. Not
 * thread-safe.
 */
public final class JsonRecordReader extends RecordReader {

  /** Names in camel case, which some libraries write, and the correct names. */
  private static final Map<String, String> CAMEL_CASE =
      Map.of("queryId", "query_id", "asOf", "as_of");

  private final JsonFactory json =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          // Unknown field names from outside must not fill the JVM's string table.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /**
   * @param heads declared heads
   * @param maxVectors maximum number of query vectors in one query
   */
  public JsonRecordReader(Heads heads, int maxVectors) {
    super(heads, maxVectors);
  }

  private interface FieldReader {
    /** Reads or skips the value of a field. */
    void read(String field, JsonParser parser) throws IOException, BadRecordException;
  }

  private void readObject(byte[] bytes, FieldReader fields) throws BadRecordException {
    String at = null;
    try (JsonParser parser = json.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadRecordException("record value: not a JSON object");
      }
      for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
        at = field;
        if (parser.nextToken() != JsonToken.VALUE_NULL) {
          fields.read(field, parser);
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new BadRecordException("record value: more than one JSON object");
      }
    } catch (JsonProcessingException e) {
      throw notJson(at, e.getOriginalMessage());
    } catch (IOException e) {
      throw notJson(at, e.getMessage());
    }
  }

  private static BadRecordException notJson(String field, String reason) {
    return new BadRecordException(
        "record value: not valid JSON%s: %s"
            .formatted(
                field == null ? "" : " at or after the field " + BadRecordException.shown(field),
                reason));
  }

  @Override
  protected void read(byte[] bytes, TokenFields fields) throws BadRecordException {
    readObject(
        bytes,
        (field, parser) -> {
          switch (field) {
            case "head" -> fields.head(text(field, parser));
            case "op" -> fields.op(op(text(field, parser)));
            case "position" -> fields.position(count(field, parser));
            case "bias" -> fields.bias(number(field, parser));
            case "timestamp" -> timestamp(parser, fields);
            case "key" -> vector(field, parser, fields.key());
            case "value" -> vector(field, parser, fields.value());
            default -> parser.skipChildren();
          }
        });
  }

  private static TokenFields.Op op(String name) throws BadRecordException {
    return switch (name) {
      case "retract" -> TokenFields.Op.RETRACT;
      case "forget" -> TokenFields.Op.FORGET;
      default ->
          throw new BadRecordException(
              "op: '" + BadRecordException.shown(name) + "' is not known; write retract or forget");
    };
  }

  @Override
  protected void read(byte[] bytes, QueryFields fields) throws BadRecordException {
    readObject(
        bytes,
        (field, parser) -> {
          switch (field) {
            case "head" -> fields.head(text(field, parser));
            case "query_id" -> fields.queryId(text(field, parser));
            case "as_of" -> fields.asOf(count(field, parser));
            case "queries" -> vectors(parser, fields);
            case "stats" -> fields.stats(flag(field, parser));
            case "recover" -> fields.recover(recover(parser));
            default -> skip(field, parser);
          }
        });
  }

  /** Skips an unknown field, unless it is a known field in camel case. */
  private static void skip(String field, JsonParser parser) throws IOException, BadRecordException {
    String meant = CAMEL_CASE.get(field);
    if (meant != null) {
      throw new BadRecordException(field + ": unknown field; write " + meant);
    }
    parser.skipChildren();
  }

  /** Returns the k of a recover object, or 0 if it has none. */
  private static int recover(JsonParser parser) throws IOException, BadRecordException {
    require(parser.currentToken() == JsonToken.START_OBJECT, "recover: not an object");
    long k = 0;
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (!field.equals("k") || token == JsonToken.VALUE_NULL) {
        parser.skipChildren();
        continue;
      }
      k = count("recover.k", parser);
      require(
          k >= 1 && k <= Integer.MAX_VALUE, "recover.k: not a whole number from 1 to 2147483647");
    }
    return (int) k;
  }

  private static void vectors(JsonParser parser, QueryFields fields)
      throws IOException, BadRecordException {
    require(parser.currentToken() == JsonToken.START_ARRAY, "queries: not a list of vectors");
    fields.beginQueries();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      vector(fields.nextName(), parser, fields.nextVector());
    }
  }

  private static void vector(String field, JsonParser parser, VectorBuffer into)
      throws IOException, BadRecordException {
    into.begin();
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      sparse(field, parser, into);
      into.endSparse(field);
    } else {
      numbers(field, parser, into.numbers());
      into.endDense(field);
    }
  }

  /** Reads the members of a sparse vector, in any order. */
  private static void sparse(String field, JsonParser parser, VectorBuffer into)
      throws IOException, BadRecordException {
    boolean hasIndices = false;
    boolean hasValues = false;
    for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
      if (parser.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      switch (member) {
        case "indices" -> {
          indices(field + ".indices", parser, into);
          hasIndices = true;
        }
        case "values" -> {
          numbers(field + ".values", parser, into.numbers());
          hasValues = true;
        }
        default -> parser.skipChildren();
      }
    }
    require(hasIndices, field + ".indices: missing; a sparse vector has indices and values");
    require(hasValues, field + ".values: missing; a sparse vector has indices and values");
  }

  private static void indices(String field, JsonParser parser, VectorBuffer into)
      throws IOException, BadRecordException {
    require(
        parser.currentToken() == JsonToken.START_ARRAY, field + ": not a list of whole numbers");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean small =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() == JsonParser.NumberType.INT;
      into.addIndex(field, small ? parser.getIntValue() : -1);
    }
  }

  private static void numbers(String field, JsonParser parser, FloatBuffer into)
      throws IOException, BadRecordException {
    require(parser.currentToken() == JsonToken.START_ARRAY, field + ": not a list of numbers");
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      if (!parser.currentToken().isNumeric()) {
        throw new BadRecordException(field + "[" + i + "]: not a number");
      }
      float number = parser.getFloatValue();
      if (!Float.isFinite(number)) {
        throw new BadRecordException(field + "[" + i + "]: not a finite float");
      }
      into.add(number);
    }
  }

  private static String text(String field, JsonParser parser)
      throws IOException, BadRecordException {
    require(parser.currentToken() == JsonToken.VALUE_STRING, field + ": not a string");
    String text = parser.getText();
    // Half a surrogate pair cannot be encoded as UTF-8, so a reply could not repeat it.
    require(StandardCharsets.UTF_8.newEncoder().canEncode(text), field + ": not valid Unicode");
    return text;
  }

  private static boolean flag(String field, JsonParser parser)
      throws IOException, BadRecordException {
    require(parser.currentToken().isBoolean(), field + ": neither true nor false");
    return parser.getBooleanValue();
  }

  private static float number(String field, JsonParser parser)
      throws IOException, BadRecordException {
    require(parser.currentToken().isNumeric(), field + ": not a number");
    return parser.getFloatValue();
  }

  private static void timestamp(JsonParser parser, TokenFields fields) throws IOException {
    if (isWhole(parser)) {
      fields.timestamp(parser.getLongValue());
    } else {
      fields.badTimestamp();
      parser.skipChildren();
    }
  }

  private static boolean isWhole(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
  }

  private static long count(String field, JsonParser parser)
      throws IOException, BadRecordException {
    require(
        isWhole(parser) && parser.getLongValue() >= 0,
        field + ": not a whole number from 0 to 2^63 - 1");
    return parser.getLongValue();
  }
}
