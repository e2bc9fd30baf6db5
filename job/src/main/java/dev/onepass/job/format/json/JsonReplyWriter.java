// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.onepass.job.format.fields.ReplyWriter;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.api.Recovery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes replies as JSON. Unknown values (an error that is not calibrated, no position, no anchors)
 * and numbers that JSON cannot represent are null. The fields {@code queue_full} and {@code
 * incomplete} are written only if they are true.
 */
public final class JsonReplyWriter implements ReplyWriter {

  private final JsonFactory json =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  @Override
  public byte[] write(Reply reply) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = json.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("sequence", reply.key().sequence());
      out.writeStringField("query_id", reply.queryId());
      out.writeStringField("head", reply.key().head());
      if (reply instanceof Reply.Answer answer) {
        write(answer, out);
      } else if (reply instanceof Reply.Recovered recovered) {
        write(recovered.recovery(), out);
      } else if (reply instanceof Reply.Stats stats) {
        write(stats, out);
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory.", e);
    }
    return bytes.toByteArray();
  }

  private static void write(Reply.Answer answer, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("outputs");
    for (float[] output : answer.outputs()) {
      write(output, out);
    }
    out.writeEndArray();
    out.writeFieldName("error");
    write(answer.error(), out);
    out.writeFieldName("log_normalizer");
    write(answer.logNormalizer(), out);
    out.writeFieldName("log_normalizer_error");
    write(answer.logNormalizerError(), out);
    if (answer.beyondBound() != null) {
      out.writeFieldName("beyond_bound");
      write(answer.beyondBound(), out);
    }
    if (answer.firstRow() >= 0) {
      out.writeNumberField("first_row", answer.firstRow());
    }
    out.writeNumberField("tokens", answer.tokens());
    writeNumberOrNull("position", answer.position(), answer.position() >= 0, out);
    out.writeStringField("sketch", answer.sketch());
    writeNumberOrNull("anchors_version", answer.anchorsVersion(), answer.anchorsVersion() > 0, out);
    out.writeBooleanField("exact", answer.exact());
    out.writeBooleanField("timed_out", answer.timedOut());
    writeIfTrue("queue_full", answer.queueFull(), out);
    writeIfTrue("incomplete", answer.incomplete(), out);
  }

  private static void write(Recovery recovery, JsonGenerator out) throws IOException {
    out.writeNumberField("rows", recovery.rows());
    out.writeArrayFieldStart("columns");
    for (Recovery.Column column : recovery.columns()) {
      out.writeStartArray();
      for (int i = 0; i < column.rows().length; i++) {
        out.writeStartArray();
        out.writeNumber(column.rows()[i]);
        out.writeNumber(column.values()[i]);
        out.writeEndArray();
      }
      out.writeEndArray();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("tail");
    for (Recovery.Column column : recovery.columns()) {
      out.writeNumber((float) column.tail());
    }
    out.writeEndArray();
  }

  private static void write(Reply.Stats stats, JsonGenerator out) throws IOException {
    out.writeNumberField("tokens", stats.tokens());
    out.writeNumberField("state_bytes", stats.stateBytes());
    out.writeStringField("sketch", stats.sketch());
    out.writeBooleanField("exact", stats.exact());
    writeNumberOrNull("anchors_version", stats.anchorsVersion(), stats.anchorsVersion() > 0, out);
    out.writeNumberField("duplicates", stats.duplicates());
    writeIfTrue("incomplete", stats.incomplete(), out);
  }

  private static void write(float[] numbers, JsonGenerator out) throws IOException {
    out.writeStartArray();
    for (float number : numbers) {
      if (Float.isFinite(number)) {
        out.writeNumber(number);
      } else {
        out.writeNull();
      }
    }
    out.writeEndArray();
  }

  private static void write(double[] numbers, JsonGenerator out) throws IOException {
    out.writeStartArray();
    for (double number : numbers) {
      if (Double.isFinite(number)) {
        out.writeNumber(number);
      } else {
        out.writeNull();
      }
    }
    out.writeEndArray();
  }

  private static void writeIfTrue(String field, boolean mark, JsonGenerator out)
      throws IOException {
    if (mark) {
      out.writeBooleanField(field, true);
    }
  }

  private static void writeNumberOrNull(String field, long number, boolean known, JsonGenerator out)
      throws IOException {
    if (known) {
      out.writeNumberField(field, number);
    } else {
      out.writeNullField(field);
    }
  }
}
