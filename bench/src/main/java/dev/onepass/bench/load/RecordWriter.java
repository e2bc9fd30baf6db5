// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import com.google.protobuf.CodedOutputStream;
import dev.onepass.job.format.RecordFormat;
import dev.onepass.testkit.records.JsonRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes tokens and queries as JSON or Protobuf records. */
public final class RecordWriter {
  private static final int PROTOBUF_BYTES = 512;

  private final RecordFormat format;
  private final JsonRecords json = new JsonRecords();

  public RecordWriter(RecordFormat format) {
    this.format = format;
  }

  /** Writes a token: a row of matrices of {@code dim} columns. */
  public byte[] token(long position, float[] keys, float[] values, int row, int dim) {
    return format == RecordFormat.JSON
        ? json.token(null, position, keys, dim, values, dim, row)
        : protobuf(
            out -> {
              out.writeInt64(1, position);
              out.writeByteArray(2, packed(keys, row, dim));
              out.writeByteArray(3, packed(values, row, dim));
            });
  }

  /** Writes a query of one vector. */
  public byte[] query(String id, float[] queries, int row, int dim) {
    return format == RecordFormat.JSON
        ? json.query(null, id, 0, queries, dim, row)
        : protobuf(
            out -> {
              out.writeString(1, id);
              out.writeByteArray(
                  2, protobuf(vector -> vector.writeByteArray(1, packed(queries, row, dim))));
            });
  }

  private interface ProtobufFields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] protobuf(ProtobufFields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(PROTOBUF_BYTES);
    // The default buffer of Protobuf is much larger than a token.
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, PROTOBUF_BYTES);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] packed(float[] matrix, int row, int dim) {
    ByteBuffer bytes = ByteBuffer.allocate(dim * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(matrix, row * dim, dim);
    return bytes.array();
  }
}
