// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.protobuf;

import com.google.protobuf.CodedOutputStream;
import dev.onepass.job.format.fields.ReplyWriter;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.api.Recovery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes replies as messages {@code Reply} of {@code onepass.proto}. */
public final class ProtobufReplyWriter implements ReplyWriter {

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  @Override
  public byte[] write(Reply reply) {
    try {
      return message(
          out -> {
            out.writeString(1, reply.key().sequence());
            out.writeString(2, reply.queryId());
            out.writeString(3, reply.key().head());
            if (reply instanceof Reply.Answer answer) {
              out.writeByteArray(4, message(body -> write(answer, body)));
            } else if (reply instanceof Reply.Recovered recovered) {
              out.writeByteArray(5, message(body -> write(recovered.recovery(), body)));
            } else if (reply instanceof Reply.Stats stats) {
              out.writeByteArray(6, message(body -> write(stats, body)));
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory.", e);
    }
  }

  private static void write(Reply.Answer answer, CodedOutputStream out) throws IOException {
    for (float[] output : answer.outputs()) {
      out.writeByteArray(1, message(vector -> writePacked(1, output, vector)));
    }
    writePacked(2, answer.error(), out);
    writePacked(3, answer.logNormalizer(), out);
    if (answer.beyondBound() != null) {
      writePacked(4, answer.beyondBound(), out);
    }
    if (answer.firstRow() >= 0) {
      out.writeInt64(5, answer.firstRow());
    }
    out.writeInt64(6, answer.tokens());
    if (answer.position() >= 0) {
      out.writeInt64(7, answer.position());
    }
    out.writeString(8, answer.sketch());
    if (answer.anchorsVersion() > 0) {
      out.writeInt32(9, answer.anchorsVersion());
    }
    out.writeBool(10, answer.exact());
    out.writeBool(11, answer.timedOut());
    out.writeBool(12, answer.queueFull());
    out.writeBool(13, answer.incomplete());
    writePacked(14, answer.logNormalizerError(), out);
  }

  private static void write(Recovery recovery, CodedOutputStream out) throws IOException {
    out.writeInt64(1, recovery.rows());
    for (Recovery.Column column : recovery.columns()) {
      out.writeByteArray(2, message(body -> write(column, body)));
    }
  }

  private static void write(Recovery.Column column, CodedOutputStream out) throws IOException {
    out.writeByteArray(
        1,
        message(
            rows -> {
              for (long row : column.rows()) {
                rows.writeInt64NoTag(row);
              }
            }));
    writePacked(2, column.values(), out);
    out.writeFloat(3, (float) column.tail());
  }

  private static void write(Reply.Stats stats, CodedOutputStream out) throws IOException {
    out.writeInt64(1, stats.tokens());
    out.writeInt64(2, stats.stateBytes());
    out.writeString(3, stats.sketch());
    out.writeBool(4, stats.exact());
    if (stats.anchorsVersion() > 0) {
      out.writeInt32(5, stats.anchorsVersion());
    }
    out.writeInt64(6, stats.duplicates());
    out.writeBool(7, stats.incomplete());
  }

  private static void writePacked(int field, float[] numbers, CodedOutputStream out)
      throws IOException {
    byte[] bytes = new byte[numbers.length * Float.BYTES];
    little(bytes).asFloatBuffer().put(numbers);
    out.writeByteArray(field, bytes);
  }

  private static void writePacked(int field, double[] numbers, CodedOutputStream out)
      throws IOException {
    byte[] bytes = new byte[numbers.length * Double.BYTES];
    little(bytes).asDoubleBuffer().put(numbers);
    out.writeByteArray(field, bytes);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return bytes.toByteArray();
  }
}
