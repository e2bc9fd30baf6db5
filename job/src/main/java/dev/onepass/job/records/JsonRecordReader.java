package dev.onepass.job.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Sequence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads tokens and queries from JSON, in one pass over the bytes and without boxing a number.
 * Unknown fields are skipped; a field that is null counts as absent; duplicate fields, numbers that
 * are no finite float and vectors of the wrong length are refused. Not thread-safe.
 */
final class JsonRecordReader {

  private final JsonFactory json =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          // Names of unknown fields come from outside; the JVM's table of strings is not for them.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final Heads heads;
  private final int maxVectors;
  private final FloatBuffer key = new FloatBuffer();
  private final FloatBuffer value = new FloatBuffer();

  JsonRecordReader(Heads heads, int maxVectors) {
    this.heads = heads;
    this.maxVectors = maxVectors;
  }

  private interface FieldReader {
    /** Reads the field's value or skips it. */
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
            .formatted(field == null ? "" : " at or after the field " + field, reason));
  }

  private static final class TokenFields {
    private String head;
    private String op;
    private long position = Sequence.NO_POSITION;
    private boolean hasKey;
    private boolean hasValue;
  }

  /** Reads a record of the tokens topic. */
  Event token(String sequence, RawRecord origin) throws BadRecordException {
    TokenFields fields = new TokenFields();
    readObject(
        origin.value(),
        (field, parser) -> {
          switch (field) {
            case "head" -> fields.head = text(field, parser);
            case "op" -> fields.op = text(field, parser);
            case "position" -> fields.position = count(field, parser);
            case "key" -> {
              fields.hasKey = true;
              key.clear();
              vector(field, parser, key);
            }
            case "value" -> {
              fields.hasValue = true;
              value.clear();
              vector(field, parser, value);
            }
            default -> parser.skipChildren();
          }
        });
    HeadSpec head = heads.of(fields.head);
    SequenceKey address = new SequenceKey(head.name(), sequence, 0);
    boolean retract = "retract".equals(fields.op);
    if ("forget".equals(fields.op)) {
      return new Event.Forget(address, origin);
    }
    if (fields.op != null && !retract) {
      throw new BadRecordException("op: '" + fields.op + "' is neither retract nor forget");
    }
    requireVector("key", fields.hasKey, key.size(), head.keyDim(), head);
    requireVector("value", fields.hasValue, value.size(), head.valueDim(), head);
    return new Event.Token(
        address, origin, fields.position, key.toArray(), value.toArray(), retract);
  }

  private static final class QueryFields {
    private String head;
    private String queryId;
    private long asOf;
    private int vectors = -1;
    private int vectorLength = -1;
    private boolean stats;
    private boolean recover;
    private long recoverK;
  }

  /** Reads a record of the queries topic. */
  Event query(String sequence, RawRecord origin) throws BadRecordException {
    QueryFields fields = new QueryFields();
    readObject(
        origin.value(),
        (field, parser) -> {
          switch (field) {
            case "head" -> fields.head = text(field, parser);
            case "query_id" -> fields.queryId = text(field, parser);
            case "as_of" -> fields.asOf = count(field, parser);
            case "queries" -> vectors(parser, fields);
            case "stats" -> fields.stats = flag(field, parser);
            case "recover" -> {
              fields.recover = true;
              fields.recoverK = recover(parser);
            }
            default -> parser.skipChildren();
          }
        });
    HeadSpec head = heads.of(fields.head);
    SequenceKey address = new SequenceKey(head.name(), sequence, 0);
    if (fields.queryId == null) {
      throw new BadRecordException("query_id: missing");
    }
    boolean asks = fields.vectors >= 0;
    if ((asks ? 1 : 0) + (fields.stats ? 1 : 0) + (fields.recover ? 1 : 0) > 1) {
      throw new BadRecordException("queries, stats, recover: only one of them in a record");
    }
    if (fields.recover) {
      return new Event.RecoverQuery(address, origin, fields.queryId, (int) fields.recoverK);
    }
    if (fields.stats) {
      return new Event.StatsQuery(address, origin, fields.queryId);
    }
    if (fields.vectors == 0) {
      throw new BadRecordException("queries: empty");
    }
    requireVector("queries", asks, fields.vectorLength, head.keyDim(), head);
    return new Event.Query(
        address, origin, fields.queryId, key.toArray(), fields.vectors, fields.asOf);
  }

  /** The k of a recover object; 0 where it names none. */
  private static long recover(JsonParser parser) throws IOException, BadRecordException {
    require(parser.currentToken() == JsonToken.START_OBJECT, "recover: not an object");
    long k = 0;
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (!field.equals("k") || token == JsonToken.VALUE_NULL) {
        parser.skipChildren();
        continue;
      }
      k = count("recover.k", parser);
      require(k >= 1 && k <= Integer.MAX_VALUE, "recover.k: not a whole number from 1 on");
    }
    return k;
  }

  private void vectors(JsonParser parser, QueryFields fields)
      throws IOException, BadRecordException {
    require(parser.currentToken() == JsonToken.START_ARRAY, "queries: not a list of vectors");
    key.clear();
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(count < maxVectors, "queries: more than " + maxVectors + " vectors");
      int before = key.size();
      vector("queries[" + count + "]", parser, key);
      int length = key.size() - before;
      require(
          count == 0 || length == fields.vectorLength,
          "queries[" + count + "]: another length than the vectors before it");
      fields.vectorLength = length;
      count++;
    }
    fields.vectors = count;
  }

  private static void vector(String field, JsonParser parser, FloatBuffer into)
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
    // Half a surrogate pair has no UTF-8, so it could not be given back.
    require(StandardCharsets.UTF_8.newEncoder().canEncode(text), field + ": not valid Unicode");
    return text;
  }

  private static boolean flag(String field, JsonParser parser)
      throws IOException, BadRecordException {
    require(parser.currentToken().isBoolean(), field + ": neither true nor false");
    return parser.getBooleanValue();
  }

  private static long count(String field, JsonParser parser)
      throws IOException, BadRecordException {
    require(
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
            && parser.getLongValue() >= 0,
        field + ": not a whole number from 0 to 2^63 - 1");
    return parser.getLongValue();
  }

  private static void requireVector(
      String field, boolean present, int length, int dim, HeadSpec head) throws BadRecordException {
    require(present, field + ": missing");
    if (length != dim) {
      throw new BadRecordException(
          "%s: %d numbers where head %s has %d".formatted(field, length, head.name(), dim));
    }
  }

  private static void require(boolean holds, String sentence) throws BadRecordException {
    if (!holds) {
      throw new BadRecordException(sentence);
    }
  }
}
