// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.api.Recovery;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Checks replies by field number, as a reader of {@code onepass.proto} sees them. */
class ProtobufReplyWriterTest {
  private static final SequenceKey KEY = new SequenceKey("h", "s", 0);

  private final ProtobufReplyWriter writer = new ProtobufReplyWriter();

  /** Returns the values of a message by field number, in order. */
  private static Map<Integer, List<Object>> fields(ByteString bytes) throws IOException {
    Map<Integer, List<Object>> fields = new TreeMap<>();
    CodedInputStream in = bytes.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      Object value =
          switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> in.readInt64();
            case WireFormat.WIRETYPE_FIXED32 -> in.readFloat();
            default -> in.readBytes();
          };
      fields.computeIfAbsent(WireFormat.getTagFieldNumber(tag), n -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static ByteString bytes(Object value) {
    return (ByteString) value;
  }

  private static float[] floats(Object packed) {
    var buffer =
        bytes(packed).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float[] floats = new float[buffer.remaining()];
    buffer.get(floats);
    return floats;
  }

  @Test
  void answers() throws Exception {
    Reply reply =
        new Reply.Answer(
            KEY,
            null,
            "q",
            new float[][] {{1, 2}, {3, 4}},
            new float[] {0.5f, Float.NaN},
            new double[] {7, 8},
            new float[] {0.25f, Float.NaN},
            null,
            -1,
            9,
            8,
            "hybrid",
            3,
            false,
            true,
            true,
            true);
    Map<Integer, List<Object>> top = fields(ByteString.copyFrom(writer.write(reply)));
    assertThat(bytes(top.get(1).get(0)).toStringUtf8()).isEqualTo("s");
    assertThat(bytes(top.get(2).get(0)).toStringUtf8()).isEqualTo("q");
    assertThat(bytes(top.get(3).get(0)).toStringUtf8()).isEqualTo("h");
    Map<Integer, List<Object>> output = fields(bytes(top.get(4).get(0)));
    assertThat(floats(fields(bytes(output.get(1).get(1))).get(1).get(0))).containsExactly(3, 4);
    assertThat(floats(output.get(2).get(0))).containsExactly(0.5f, Float.NaN);
    assertThat(bytes(output.get(3).get(0)).size()).isEqualTo(16);
    assertThat(output).doesNotContainKeys(4, 5);
    assertThat(output.get(6)).containsExactly(9L);
    assertThat(output.get(7)).containsExactly(8L);
    assertThat(output.get(9)).containsExactly(3L);
    assertThat(output.get(10)).containsExactly(0L);
    assertThat(output.get(11)).containsExactly(1L);
    assertThat(output.get(12)).containsExactly(1L);
    assertThat(output.get(13)).containsExactly(1L);
    assertThat(floats(output.get(14).get(0))).containsExactly(0.25f, Float.NaN);
  }

  @Test
  void recoveriesAndNumbers() throws Exception {
    Recovery recovery =
        new Recovery(
            5, List.of(new Recovery.Column(new long[] {4, 300}, new float[] {2, 1}, 3, 0.25)));
    Map<Integer, List<Object>> recovered =
        fields(
            bytes(
                fields(
                        ByteString.copyFrom(
                            writer.write(new Reply.Recovered(KEY, null, "r", recovery))))
                    .get(5)
                    .get(0)));
    assertThat(recovered.get(1)).containsExactly(5L);
    Map<Integer, List<Object>> column = fields(bytes(recovered.get(2).get(0)));
    CodedInputStream rows = bytes(column.get(1).get(0)).newCodedInput();
    assertThat(rows.readInt64()).isEqualTo(4);
    assertThat(rows.readInt64()).isEqualTo(300);
    assertThat(floats(column.get(2).get(0))).containsExactly(2, 1);
    assertThat(column.get(3)).containsExactly(0.25f);

    Reply.Stats stats = new Reply.Stats(KEY, null, "n", 7, 700, "exact", true, 0, 2, true);
    Map<Integer, List<Object>> numbers =
        fields(bytes(fields(ByteString.copyFrom(writer.write(stats))).get(6).get(0)));
    assertThat(numbers.get(1)).containsExactly(7L);
    assertThat(numbers.get(2)).containsExactly(700L);
    assertThat(numbers).doesNotContainKey(5);
    assertThat(numbers.get(6)).containsExactly(2L);
    assertThat(numbers.get(7)).containsExactly(1L);
  }
}
