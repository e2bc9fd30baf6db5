// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes tokens and queries as JSON records. It follows the public description of the records and
 * uses no class of the job. Not thread-safe.
 */
public final class JsonRecords {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2_048);
  private final boolean sparse;

  /** Creates a writer that writes every vector as a list of numbers. */
  public JsonRecords() {
    this(false);
  }

  private JsonRecords(boolean sparse) {
    this.sparse = sparse;
  }

  /** Returns a writer that writes every vector as the indices and values of its nonzero numbers. */
  public static JsonRecords sparse() {
    return new JsonRecords(true);
  }

  /**
   * Writes a token.
   *
   * @param head name of the head; null leaves the field out
   * @param position of the token in its sequence
   * @param keys row-major matrix of keys
   * @param keyDim floats of a key
   * @param values row-major matrix of values
   * @param valueDim floats of a value
   * @param row the row of both matrices that is the token
   */
  public byte[] token(
      String head, long position, float[] keys, int keyDim, float[] values, int valueDim, int row) {
    return write(
        out -> {
          out.writeNumberField("position", position);
          out.writeFieldName("key");
          writeVector(out, keys, row, keyDim);
          out.writeFieldName("value");
          writeVector(out, values, row, valueDim);
          writeHead(out, head);
        });
  }

  /**
   * Writes a query.
   *
   * @param head name of the head; null leaves the field out
   * @param id of the query
   * @param asOf tokens that the sequence must have before the job answers; 0 leaves the field out
   * @param queries row-major matrix of query vectors
   * @param dim floats of a query vector
   * @param rows the rows of the matrix to send
   */
  public byte[] query(String head, String id, long asOf, float[] queries, int dim, int... rows) {
    return write(
        out -> {
          out.writeStringField("query_id", id);
          out.writeArrayFieldStart("queries");
          for (int row : rows) {
            writeVector(out, queries, row, dim);
          }
          out.writeEndArray();
          writeHead(out, head);
          if (asOf > 0) {
            out.writeNumberField("as_of", asOf);
          }
        });
  }

  /**
   * Writes a query for the state of a sequence.
   *
   * @param head name of the head; null leaves the field out
   */
  public byte[] stats(String head, String id) {
    return write(
        out -> {
          out.writeStringField("query_id", id);
          writeHead(out, head);
          out.writeBooleanField("stats", true);
        });
  }

  private byte[] write(Fields fields) {
    buffer.reset();
    try (JsonGenerator out = JSON.createGenerator(buffer)) {
      out.writeStartObject();
      fields.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private static void writeHead(JsonGenerator out, String head) throws IOException {
    if (head != null) {
      out.writeStringField("head", head);
    }
  }

  private void writeVector(JsonGenerator out, float[] matrix, int row, int dim) throws IOException {
    if (sparse) {
      writeSparse(out, matrix, row, dim);
      return;
    }
    out.writeStartArray();
    for (int i = row * dim; i < (row + 1) * dim; i++) {
      out.writeNumber(matrix[i]);
    }
    out.writeEndArray();
  }

  private static void writeSparse(JsonGenerator out, float[] matrix, int row, int dim)
      throws IOException {
    out.writeStartObject();
    out.writeArrayFieldStart("indices");
    for (int i = 0; i < dim; i++) {
      if (matrix[row * dim + i] != 0) {
        out.writeNumber(i);
      }
    }
    out.writeEndArray();
    out.writeArrayFieldStart("values");
    for (int i = row * dim; i < (row + 1) * dim; i++) {
      if (matrix[i] != 0) {
        out.writeNumber(matrix[i]);
      }
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private interface Fields {
    void write(JsonGenerator out) throws IOException;
  }
}
