// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that the cost of any record is linear in its size. */
class HostileRecordsTest {

  /** Default size limit of brokers. */
  private static final int RECORD = 1 << 20;

  /**
   * Limit of CPU time of the thread. The most expensive records take 5 to 230 for both readings on
   * an idle machine; quadratic cost would take thousands.
   */
  private static final double MOST_NANOS_A_BYTE = 1_000;

  private static final int MOST_ERROR = 500;
  private static final int MAX_VECTORS = 1024;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static Arguments json(String what, String value) {
    return Arguments.of("JSON " + what, value.getBytes(StandardCharsets.UTF_8), RecordFormat.JSON);
  }

  /** Returns as many pieces, separated by commas, as fit into a record. */
  private static String list(IntFunction<String> piece) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; all.length() < RECORD - 2_000; i++) {
      all.append(i == 0 ? "" : ",").append(piece.apply(i));
    }
    return all.toString();
  }

  private static String object(String fields) {
    return "{\"query_id\":\"q\",\"queries\":[[1,2]]," + fields + "}";
  }

  private static String pairs(int bits) {
    return IntStream.range(0, 17)
        .mapToObj(bit -> (bits >> bit & 1) == 0 ? "Aa" : "BB")
        .collect(Collectors.joining());
  }

  private static Stream<Arguments> records() throws IOException {
    String digits = "9".repeat(10_000);
    String most = "9".repeat(990);
    String text = "x".repeat(RECORD - 2_000);
    return Stream.of(
        json("nesting of lists", object("\"u\":" + "[".repeat(RECORD))),
        json("nesting of objects", object("\"u\":" + "{\"a\":".repeat(RECORD / 5))),
        json(
            "many lists, nested deep",
            object("\"u\":[" + list(i -> "[".repeat(900) + "]".repeat(900)) + "]")),
        json("exponents", "{\"queries\":[[" + list(i -> "1e999999999") + "]]}"),
        json("exponents below", "{\"queries\":[[" + list(i -> "1e-999999999") + "]]}"),
        json("digits", "{\"queries\":[[" + list(i -> digits) + "]]}"),
        json("as many digits as are taken", "{\"queries\":[[" + list(i -> most) + "]]}"),
        json("fractions", "{\"queries\":[[" + list(i -> "0." + most) + "]]}"),
        json("digits that are skipped", object("\"u\":[" + list(i -> most) + "]")),
        json("a position of digits", "{\"query_id\":\"q\",\"as_of\":" + most + "}"),
        json("a k of digits", "{\"query_id\":\"q\",\"recover\":{\"k\":" + most + "}}"),
        json("an exponent as k", "{\"query_id\":\"q\",\"recover\":{\"k\":1e999999999}}"),
        json("unknown fields", object(list(i -> "\"" + i + "\":0"))),
        json("unknown fields of one hash", object(list(i -> "\"" + pairs(i) + "\":0"))),
        json(
            "objects of few fields",
            object("\"u\":[" + list(i -> "{\"a\":0,\"b\":1,\"c\":2,\"d\":3}") + "]")),
        json("duplicate fields", "{" + list(i -> "\"head\":\"a\"") + "}"),
        json("a head of a megabyte", "{\"query_id\":\"q\",\"head\":\"" + text + "\"}"),
        json("a query id of a megabyte", "{\"query_id\":\"" + text + "\",\"queries\":[[1,2]]}"),
        json("a name of a megabyte", "{\"" + text + "\":"),
        json("escapes", "{\"head\":\"" + "\\u00e9".repeat(RECORD / 6) + "\"}"),
        json("an op of a megabyte", "{\"op\":\"" + text + "\"}"),
        json("empty vectors", "{\"query_id\":\"q\",\"queries\":[" + list(i -> "[]") + "]}"),
        json(
            "vectors of one number", "{\"query_id\":\"q\",\"queries\":[" + list(i -> "[1]") + "]}"),
        json(
            "empty sparse vectors",
            "{\"query_id\":\"q\",\"queries\":["
                + list(i -> "{\"indices\":[],\"values\":[]}")
                + "]}"),
        json(
            "ascending indices",
            "{\"key\":{\"indices\":[" + list(i -> "" + i) + "],\"values\":[]}}"),
        json("one index again and again", "{\"key\":{\"indices\":[" + list(i -> "7") + "]}}"),
        json("values without indices", "{\"key\":{\"values\":[" + list(i -> "1e-9") + "]}}"),
        json("unknown members", "{\"key\":{" + list(i -> "\"" + i + "\":0") + "}}"),
        json("blanks", " ".repeat(RECORD) + "{}"),
        protobuf("groups", out -> fill(out, i -> out.writeTag(9, 3))),
        protobuf("groups, one in the other", out -> nested(out)),
        protobuf("empty vectors", out -> fill(out, i -> out.writeByteArray(2, new byte[0]))),
        protobuf(
            "ascending indices",
            out -> {
              ByteArrayOutputStream inner = new ByteArrayOutputStream();
              CodedOutputStream indices = CodedOutputStream.newInstance(inner);
              fill(indices, i -> indices.writeUInt32NoTag(i));
              indices.flush();
              byte[] list = inner.toByteArray();
              out.writeTag(10, 2);
              out.writeUInt32NoTag(1 + CodedOutputStream.computeByteArraySizeNoTag(list));
              out.writeByteArray(1, list);
            }),
        protobuf(
            "empty sparse vectors",
            out -> fill(out, i -> out.writeByteArray(2, new byte[] {0x12, 0}))),
        protobuf("unknown fields", out -> fill(out, i -> out.writeBool(100 + i, true))),
        protobuf(
            "a length that is not there",
            out -> {
              out.writeTag(2, 2);
              out.writeUInt32NoTag(Integer.MAX_VALUE);
            }),
        protobuf(
            "a negative length",
            out -> {
              out.writeTag(1, 2);
              out.writeUInt64NoTag(-1L);
            }),
        protobuf(
            "a head of a megabyte",
            out -> {
              out.writeString(1, "q");
              out.writeString(3, text);
            }),
        protobuf("endless varints", out -> fill(out, i -> out.write((byte) 0xff))));
  }

  private interface Writer {
    void write(CodedOutputStream out) throws IOException;
  }

  private interface Piece {
    void write(int i) throws IOException;
  }

  private static Arguments protobuf(String what, Writer fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return Arguments.of("Protobuf " + what, bytes.toByteArray(), RecordFormat.PROTOBUF);
  }

  private static void fill(CodedOutputStream out, Piece piece) throws IOException {
    for (int i = 0; out.getTotalBytesWritten() < RECORD - 2_000; i++) {
      piece.write(i);
    }
  }

  private static void nested(CodedOutputStream out) throws IOException {
    for (int i = 0; i < 10_000; i++) {
      for (int depth = 0; depth < 50; depth++) {
        out.writeTag(9, 3);
      }
      for (int depth = 0; depth < 50; depth++) {
        out.writeTag(9, 4);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void costIsLinearInTheSize(String what, byte[] value, RecordFormat format) {
    RecordReader reader = format.reader(Samples.heads("default", "a"), MAX_VECTORS);
    RawRecord record = Samples.record("s".getBytes(StandardCharsets.UTF_8), value);
    double best = Double.POSITIVE_INFINITY;
    for (int run = 0; run < 3; run++) {
      long begin = THREADS.getCurrentThreadCpuTime();
      read(reader, record);
      best = Math.min(best, (double) (THREADS.getCurrentThreadCpuTime() - begin));
    }

    assertThat(best).as("nanoseconds").isLessThan(1e6 + MOST_NANOS_A_BYTE * value.length);
  }

  private static void read(RecordReader reader, RawRecord record) {
    try {
      Event event = reader.query("s", record);
      assertThat(event).isNotNull();
    } catch (BadRecordException refused) {
      assertThat(refused.getMessage().length())
          .as("characters of the error")
          .isLessThan(MOST_ERROR);
    }
    try {
      reader.token("s", record);
    } catch (BadRecordException refused) {
      assertThat(refused.getMessage().length())
          .as("characters of the error")
          .isLessThan(MOST_ERROR);
    }
  }
}
