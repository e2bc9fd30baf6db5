package dev.onepass.bench.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.google.protobuf.CodedOutputStream;
import dev.onepass.job.format.RecordFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes tokens and queries as producers do. */
public final class RecordWriter {
  private static final int PROTOBUF_BYTES = 512;

  private final RecordFormat format;
  private final JsonFactory json =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2_048);

  public RecordWriter(RecordFormat format) {
    this.format = format;
  }

  /** A token: row {@code row} of matrices of {@code dim} columns. */
  public byte[] token(long position, float[] keys, float[] values, int row, int dim) {
    float[] key = Arrays.copyOfRange(keys, row * dim, (row + 1) * dim);
    float[] value = Arrays.copyOfRange(values, row * dim, (row + 1) * dim);
    return format == RecordFormat.JSON
        ? json(
            out -> {
              out.writeNumberField("position", position);
              vector(out, "key", key);
              vector(out, "value", value);
            })
        : protobuf(
            out -> {
              out.writeInt64(1, position);
              out.writeByteArray(2, packed(key));
              out.writeByteArray(3, packed(value));
            });
  }

  /** A query of one vector. */
  byte[] query(String id, float[] queries, int row, int dim) {
    float[] query = Arrays.copyOfRange(queries, row * dim, (row + 1) * dim);
    return format == RecordFormat.JSON
        ? json(
            out -> {
              out.writeStringField("query_id", id);
              out.writeArrayFieldStart("queries");
              out.writeStartArray();
              for (float number : query) {
                out.writeNumber(number);
              }
              out.writeEndArray();
              out.writeEndArray();
            })
        : protobuf(
            out -> {
              out.writeString(1, id);
              out.writeByteArray(2, protobuf(vector -> vector.writeByteArray(1, packed(query))));
            });
  }

  private interface JsonFields {
    void write(JsonGenerator out) throws IOException;
  }

  private byte[] json(JsonFields fields) {
    buffer.reset();
    try (JsonGenerator out = json.createGenerator(buffer)) {
      out.writeStartObject();
      fields.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private static void vector(JsonGenerator out, String name, float[] numbers) throws IOException {
    out.writeArrayFieldStart(name);
    for (float number : numbers) {
      out.writeNumber(number);
    }
    out.writeEndArray();
  }

  private interface ProtobufFields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] protobuf(ProtobufFields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(PROTOBUF_BYTES);
    // Protobuf's own buffer would be larger than a token by far.
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, PROTOBUF_BYTES);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] packed(float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }
}
