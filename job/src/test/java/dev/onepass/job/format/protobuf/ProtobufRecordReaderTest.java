// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.sequence.Sequence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests with keys of length 2, values of length 3 and at most 3 vectors in a query. */
class ProtobufRecordReaderTest {
  private final ProtobufRecordReader reader =
      new ProtobufRecordReader(Samples.heads("default", "b"), 3);

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] packed(float... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }

  private Event token(Fields fields) throws BadRecordException {
    return reader.token("s", record(message(fields)));
  }

  private Event query(Fields fields) throws BadRecordException {
    return reader.query("s", record(message(fields)));
  }

  private static RawRecord record(byte[] value) {
    return Samples.record(Samples.utf8("s"), value);
  }

  private static void vectors(CodedOutputStream out) throws IOException {
    out.writeByteArray(2, packed(1, 2));
    out.writeByteArray(3, packed(3, 4, 5));
  }

  /** A registry's serializer writes the index of the message as well. */
  @Test
  void framingOfARegistryIsRefused() {
    byte[] plain = message(ProtobufRecordReaderTest::vectors);
    byte[] framed =
        ByteBuffer.allocate(6 + plain.length)
            .put((byte) 0)
            .putInt(-1)
            .put((byte) 0)
            .put(plain)
            .array();
    assertThatThrownBy(() -> reader.token("s", record(framed)))
        .isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(
            "record value: looks like Confluent schema-registry framing (a zero byte and the schema id 4294967295); send plain bytes");
    assertThatThrownBy(() -> reader.query("s", record(framed)))
        .hasMessageContaining("schema-registry framing");
  }

  @Test
  void tokens() throws Exception {
    Event.Token token =
        (Event.Token)
            token(
                out -> {
                  out.writeInt64(1, 17);
                  vectors(out);
                  out.writeString(4, "b");
                  out.writeEnum(5, 1);
                  out.writeFloat(6, -2.5f);
                  out.writeInt64(7, 1_800_000_000_000L);
                });

    assertThat(token.key()).isEqualTo(new SequenceKey("b", "s", 0));
    assertThat(token.position()).isEqualTo(17);
    assertThat(token.vectorKey()).containsExactly(1, 2);
    assertThat(token.value()).containsExactly(3, 4, 5);
    assertThat(token.retract()).isTrue();
    assertThat(token.bias()).isEqualTo(-2.5f);
    assertThat(token.timestamp()).isEqualTo(1_800_000_000_000L);
  }

  private static byte[] sparse(int[] indices, float... values) {
    return message(
        out -> {
          if (indices.length > 0) {
            byte[] list =
                message(
                    packed -> {
                      for (int index : indices) {
                        packed.writeUInt32NoTag(index);
                      }
                    });
            out.writeByteArray(1, list);
          }
          if (values.length > 0) {
            out.writeByteArray(2, packed(values));
          }
        });
  }

  @Test
  void sparseTokens() throws Exception {
    Event.Token token =
        (Event.Token)
            token(
                out -> {
                  out.writeByteArray(11, sparse(new int[] {0, 2}, 7, 9));
                  out.writeByteArray(10, sparse(new int[] {1}, -1));
                });
    assertThat(token.vectorKey()).containsExactly(0, -1);
    assertThat(token.value()).containsExactly(7, 0, 9);

    Event.Token zero =
        (Event.Token)
            token(
                out -> {
                  out.writeByteArray(2, packed(1, 2));
                  out.writeByteArray(11, new byte[0]);
                });
    assertThat(zero.vectorKey()).containsExactly(1, 2);
    assertThat(zero.value()).as("empty lists are not written").containsExactly(0, 0, 0);
  }

  @Test
  void denseAndSparseVectorsInOneQuery() throws Exception {
    Event.Query query =
        (Event.Query)
            query(
                out -> {
                  out.writeString(1, "q");
                  out.writeByteArray(
                      2, message(v -> v.writeByteArray(2, sparse(new int[] {1}, 5))));
                  out.writeByteArray(2, message(v -> v.writeByteArray(1, packed(3, 4))));
                  out.writeByteArray(2, message(v -> v.writeByteArray(2, new byte[0])));
                });
    assertThat(query.count()).isEqualTo(3);
    assertThat(query.vectors()).containsExactly(0, 5, 3, 4, 0, 0);
  }

  @Test
  void refusalsOfSparseVectors() {
    assertSparseRefused(
        sparse(new int[] {1, 0}, 1, 2),
        "sparse_key.indices[1]: 0 is not above the index before it, 1; write each index once, in ascending order");
    assertSparseRefused(
        sparse(new int[] {1, 1}, 1, 2),
        "sparse_key.indices[1]: 1 is not above the index before it");
    assertSparseRefused(
        sparse(new int[] {0, 2}, 1, 2),
        "sparse_key.indices[1]: 2 is out of range; head default takes vectors of length 2 here, so the indices are 0 to 1");
    assertSparseRefused(
        sparse(new int[] {-1}, 1),
        "sparse_key.indices[0]: not a whole number from 0 to 2147483647");
    assertSparseRefused(
        sparse(new int[] {0, 1}, 1),
        "sparse_key: 2 indices and 1 values; write one value for each index");
    assertSparseRefused(sparse(new int[] {}, 1), "sparse_key: 0 indices and 1 values");
    assertSparseRefused(
        sparse(new int[] {0, 1}, 1, Float.NaN), "sparse_key.values[1]: not a finite float");
    assertSparseRefused(
        message(out -> out.writeUInt32(1, 1)), "sparse_key.indices: not packed whole numbers");
    assertSparseRefused(
        message(
            out -> {
              out.write(sparse(new int[] {0}, 1), 0, 9);
              out.writeByteArray(1, new byte[] {1});
            }),
        "sparse_key.indices: duplicate field");
    assertSparseRefused(new byte[] {0x0a, 5, 1}, "record value: not valid Protobuf");
    assertRefused(
        out -> {
          vectors(out);
          out.writeByteArray(10, sparse(new int[] {0}, 1));
        },
        "key: both key and sparse_key are given; send one of them");
    assertRefused(
        out -> {
          out.writeByteArray(11, sparse(new int[] {0}, 1));
          vectors(out);
        },
        "value: both value and sparse_value are given; send one of them");
    assertRefused(
        out -> {
          out.writeByteArray(10, new byte[0]);
          out.writeByteArray(10, new byte[0]);
        },
        "sparse_key: duplicate field");
    for (boolean denseFirst : new boolean[] {true, false}) {
      assertThatThrownBy(
              () ->
                  query(
                      out -> {
                        out.writeString(1, "q");
                        byte[] both =
                            message(
                                v -> {
                                  if (denseFirst) {
                                    v.writeByteArray(1, packed(1, 2));
                                  }
                                  v.writeByteArray(2, sparse(new int[] {0}, 1));
                                  if (!denseFirst) {
                                    v.writeByteArray(1, packed(1, 2));
                                  }
                                });
                        out.writeByteArray(2, both);
                      }))
          .hasMessage("queries[0]: both values and sparse are given; send one of them");
    }
    assertThatThrownBy(
            () ->
                query(
                    out -> {
                      out.writeString(1, "q");
                      out.writeByteArray(
                          2, message(v -> v.writeByteArray(2, sparse(new int[] {2}, 1))));
                    }))
        .hasMessageStartingWith("queries[0].indices[0]: 2 is out of range");
  }

  private void assertSparseRefused(byte[] key, String message) {
    assertRefused(
        out -> {
          out.writeByteArray(10, key);
          out.writeByteArray(3, packed(1, 2, 3));
        },
        message);
  }

  @Test
  void absentFieldsHaveDefaults() throws Exception {
    Event.Token token = (Event.Token) token(ProtobufRecordReaderTest::vectors);
    assertThat(token.key().head()).isEqualTo("default");
    assertThat(token.position()).isEqualTo(-1);
    assertThat(token.retract()).isFalse();
    assertThat(token.bias()).isZero();
    assertThat(token.timestamp()).isEqualTo(Sequence.NO_TIME);
    assertThat(token(out -> out.writeEnum(5, 2))).isInstanceOf(Event.Forget.class);
  }

  @Test
  void fieldsDoNotLeakIntoTheNextRecord() throws Exception {
    token(
        out -> {
          out.writeInt64(1, 5);
          out.writeString(4, "b");
          vectors(out);
          out.writeEnum(5, 1);
          out.writeFloat(6, 1);
          out.writeInt64(7, 9);
        });
    Event.Token next = (Event.Token) token(ProtobufRecordReaderTest::vectors);
    assertThat(next.position()).isEqualTo(-1);
    assertThat(next.bias()).isZero();
    assertThat(next.timestamp()).isEqualTo(Sequence.NO_TIME);
    assertThat(next.key().head()).isEqualTo("default");
    assertRefused(out -> out.writeByteArray(2, packed(1, 2)), "value: missing");
  }

  @Test
  void queries() throws Exception {
    Event.Query query =
        (Event.Query)
            query(
                out -> {
                  out.writeString(1, "q");
                  out.writeByteArray(2, message(vector -> vector.writeByteArray(1, packed(1, 2))));
                  out.writeByteArray(2, message(vector -> vector.writeByteArray(1, packed(3, 4))));
                  out.writeInt64(4, 9);
                });
    assertThat(query.queryId()).isEqualTo("q");
    assertThat(query.count()).isEqualTo(2);
    assertThat(query.vectors()).containsExactly(1, 2, 3, 4);
    assertThat(query.asOf()).isEqualTo(9);

    Event recover =
        query(
            out -> {
              out.writeString(1, "r");
              out.writeByteArray(5, message(inner -> inner.writeInt32(1, 16)));
            });
    assertThat(((Event.RecoverQuery) recover).k()).isEqualTo(16);
    Event stats =
        query(
            out -> {
              out.writeString(1, "r");
              out.writeBool(6, true);
            });
    assertThat(stats).isInstanceOf(Event.StatsQuery.class);
  }

  @Test
  void unknownFieldsAreIgnored() throws Exception {
    assertThat(
            token(
                out -> {
                  out.writeString(90, "new");
                  vectors(out);
                  out.writeFixed64(91, 1);
                }))
        .isInstanceOf(Event.Token.class);
  }

  @Test
  void refusalsNameTheField() {
    assertRefused(out -> {}, "key: missing");
    assertRefused(
        out -> {
          vectors(out);
          out.writeByteArray(2, packed(1, 2));
        },
        "key: duplicate field");
    assertRefused(
        out -> {
          out.writeByteArray(2, packed(1, Float.NaN));
          out.writeByteArray(3, packed(1, 2, 3));
        },
        "key[1]: not a finite float");
    assertRefused(
        out -> {
          out.writeByteArray(2, packed(1, 2));
          out.writeByteArray(3, packed(1, 2, Float.NEGATIVE_INFINITY));
        },
        "value[2]: not a finite float");
    assertRefused(
        out -> {
          out.writeByteArray(2, packed(1, 2, 3));
          out.writeByteArray(3, packed(1, 2, 3));
        },
        "key: expected length 2 for head default, got 3");
    assertRefused(out -> out.writeByteArray(2, new byte[7]), "key: not packed floats");
    assertRefused(out -> out.writeFloat(2, 1), "key: not packed floats");
    assertRefused(
        out -> {
          vectors(out);
          out.writeInt64(1, -1);
        },
        "position: not a whole number from 0 to 2^63 - 1");
    assertRefused(out -> out.writeEnum(5, 7), "op: 7 is not known");
    for (float bad : new float[] {80.5f, -81, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertRefused(
          out -> {
            vectors(out);
            out.writeFloat(6, bad);
          },
          "bias: must be from -80 to 80, got %s; limit it in the producer, and send the record again"
              .formatted(bad));
    }
    assertRefused(out -> out.writeDouble(6, 1), "bias: not a float");
    assertRefused(
        out -> {
          vectors(out);
          out.writeEnum(5, 1);
          out.writeInt64(7, -1);
        },
        "timestamp: not a whole number of milliseconds from 0 to 2^63 - 1; set it to the timestamp of the retracted token's record");
    assertRefused(
        out -> {
          vectors(out);
          out.writeString(4, "c");
        },
        "head: 'c' is not declared; declared heads: [default, b]");
    assertRefused(
        out -> out.writeByteArray(4, new byte[] {(byte) 0xff}), "record value: not valid");
  }

  @Test
  void refusalsOfQueries() {
    assertThatThrownBy(() -> query(out -> out.writeString(1, "q"))).hasMessage("queries: missing");
    assertThatThrownBy(() -> query(out -> {})).hasMessage("query_id: missing");
    byte[] one = message(vector -> vector.writeByteArray(1, packed(1, 2)));
    assertThatThrownBy(
            () ->
                query(
                    out -> {
                      out.writeString(1, "q");
                      for (int i = 0; i < 4; i++) {
                        out.writeByteArray(2, one);
                      }
                    }))
        .hasMessage("queries: more than 3 vectors");
    assertThatThrownBy(
            () ->
                query(
                    out -> {
                      out.writeString(1, "q");
                      out.writeByteArray(2, one);
                      out.writeByteArray(2, new byte[0]);
                    }))
        .hasMessage("queries[1]: differs in length from the vectors before it");
    assertThatThrownBy(
            () ->
                query(
                    out -> {
                      out.writeString(1, "q");
                      out.writeByteArray(2, one);
                      out.writeBool(6, true);
                    }))
        .hasMessage("queries, stats, recover: only one of them is allowed in a query");
  }

  /** All bytes give an event or the documented exception. The seed is 3. */
  @Test
  void damagedRecordsGiveADocumentedRefusal() {
    Random random = new Random(3);
    byte[] whole =
        message(
            out -> {
              out.writeInt64(1, 17);
              vectors(out);
              out.writeString(4, "b");
            });
    byte[] thin =
        message(
            out -> {
              out.writeByteArray(10, sparse(new int[] {0, 1}, 1, 2));
              out.writeByteArray(11, sparse(new int[] {2}, 3));
            });
    int refused = 0;
    for (int i = 0; i < 40_000; i++) {
      byte[] good = i % 2 == 0 ? whole : thin;
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        reader.token("s", record(bytes));
        reader.query("s", record(bytes));
      } catch (BadRecordException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(20_000);
  }

  private void assertRefused(Fields fields, String message) {
    assertThatThrownBy(() -> token(fields))
        .isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(message);
  }
}
