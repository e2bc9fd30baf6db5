// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.protobuf.ProtobufMessage;
import java.io.IOException;
import java.util.Optional;

/** Finds the {@code query_id} in records, and ignores all other fields. Thread-safe. */
public final class QueryIds {

  private static final int QUERY_FIELD = 1;
  private static final int REPLY_FIELD = 2;

  private final RecordFormat format;
  private final JsonFactory json =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  /**
   * @param format format of the records
   */
  public QueryIds(RecordFormat format) {
    this.format = format;
  }

  /** Returns the id in the value of a query, or empty if there is none. */
  public Optional<String> ofQuery(byte[] value) {
    return find(value, QUERY_FIELD);
  }

  /** Returns the id in the value of a reply, or empty if there is none. */
  public Optional<String> ofReply(byte[] value) {
    return find(value, REPLY_FIELD);
  }

  private Optional<String> find(byte[] value, int protobufField) {
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(
          format == RecordFormat.JSON ? inJson(value) : inProtobuf(value, protobufField));
    } catch (IOException | BadRecordException e) {
      return Optional.empty();
    }
  }

  private String inJson(byte[] value) throws IOException {
    try (JsonParser parser = json.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (name.equals("query_id")) {
          return token == JsonToken.VALUE_STRING ? parser.getText() : null;
        }
        parser.skipChildren();
      }
      return null;
    }
  }

  private static String inProtobuf(byte[] value, int field) throws IOException, BadRecordException {
    ProtobufMessage message = new ProtobufMessage(value);
    while (message.next()) {
      if (message.field() == field) {
        return message.text("query_id");
      }
      message.skip();
    }
    return null;
  }
}
