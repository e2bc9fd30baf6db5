// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.job.records.TopicGate.Verdict;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Headers.Header;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.metrics.OnepassMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Encodes dead letters: the refused record's own key, value and headers, followed by headers that
 * say what is wrong and where the record came from:
 *
 * <ul>
 *   <li>{@code error}, {@code topic}, {@code partition}, {@code offset};
 *   <li>{@code timestamp}: timestamp of the record in epoch milliseconds, or -1. The dead letter's
 *       own timestamp is the time of writing;
 *   <li>{@code headers}: number of the record's own headers, which come first. Only the headers
 *       after them belong to the dead letter.
 * </ul>
 *
 * <p>If a dead letter is too large for the brokers, its value is cut first, then a key of more than
 * a quarter of the limit; the header {@code truncated} has the full length of key and value. If the
 * record's own headers still do not fit, all are dropped, and {@code headers-dropped} has their
 * number.
 *
 * <p>A compacted topic does not accept records without a key. There, the dead letter of a record
 * without a key has the record's unique place as the key, and the header {@code keyless}.
 */
public final class DeadLetterFunction extends ProcessFunction<DeadLetter, RawRecord> {
  private static final long serialVersionUID = 1L;

  /** An error may quote a large record, but the header must fit next to the value. */
  private static final int MAX_ERROR_CHARS = 1000;

  private final String topic;
  private final RecordLimit limit;

  private transient TopicGate gate;
  private transient Counter letters;

  /**
   * @param topic the dead-letters topic
   * @param limit size limit of records
   */
  public DeadLetterFunction(String topic, RecordLimit limit) {
    this.topic = topic;
    this.limit = limit;
  }

  @Override
  public void open(OpenContext context) {
    gate = limit.open(topic, getRuntimeContext());
    letters = OnepassMetrics.group(getRuntimeContext().getMetricGroup()).counter("deadLetters");
  }

  @Override
  public void processElement(DeadLetter letter, Context context, Collector<RawRecord> out)
      throws Exception {
    letters.inc();
    boolean keyed = false;
    int maxBytes = Integer.MAX_VALUE;
    RawRecord record = record(letter, maxBytes, keyed);
    Verdict verdict = gate.judge(record);
    while (verdict == Verdict.TOO_LARGE || verdict == Verdict.KEY_MISSING) {
      long refusedBytes = RecordLimit.bytes(record);
      if (verdict == Verdict.TOO_LARGE) {
        maxBytes = gate.limit();
      } else {
        keyed = true;
      }
      record = record(letter, maxBytes, keyed);
      if (verdict == Verdict.TOO_LARGE && RecordLimit.bytes(record) >= refusedBytes) {
        throw new IOException(
            "Topic %s refuses a dead letter even after it was cut to %d bytes; raise max.message.bytes of the topic and kafka.properties.max.request.size."
                .formatted(topic, refusedBytes));
      }
      verdict = gate.judge(record);
    }
    if (verdict == Verdict.PASSES) {
      out.collect(record);
    }
  }

  /** Returns the dead letter with the record's own headers, if they fit. */
  private RawRecord record(DeadLetter letter, int maxBytes, boolean keyed) {
    List<Header> own = letter.origin().headers().entries();
    RawRecord withOwn = record(letter, own, maxBytes, keyed);
    boolean fits = own.isEmpty() || RecordLimit.bytes(withOwn) <= maxBytes;
    return fits ? withOwn : record(letter, List.of(), maxBytes, keyed);
  }

  private RawRecord record(DeadLetter letter, List<Header> own, int maxBytes, boolean keyed) {
    RawRecord refused = letter.origin();
    List<Header> headers = new ArrayList<>(own);
    headers.add(header("error", cut(letter.error(), Math.min(MAX_ERROR_CHARS, maxBytes / 16))));
    headers.add(header("topic", refused.topic()));
    headers.add(header("partition", refused.partition()));
    headers.add(header("offset", refused.offset()));
    headers.add(header("timestamp", refused.timestamp()));
    headers.add(header("headers", own.size()));
    if (own.size() < refused.headers().entries().size()) {
      headers.add(header("headers-dropped", refused.headers().entries().size()));
    }
    byte[] key = refused.key();
    if (key == null && keyed) {
      headers.add(header("keyless", "true"));
      key = place(refused);
    }
    RawRecord whole = record(key, refused.value(), headers);
    if (RecordLimit.bytes(whole) <= maxBytes) {
      return whole;
    }
    headers.add(header("truncated", length(refused.key()) + (long) length(refused.value())));
    if (refused.key() != null) {
      // The record's headers are dropped before the key is cut below a quarter of the limit.
      int room = own.isEmpty() ? RecordLimit.room(record(null, null, headers), maxBytes) : maxBytes;
      key = cut(key, Math.min(maxBytes / 4, room));
    }
    byte[] value = cut(refused.value(), RecordLimit.room(record(key, null, headers), maxBytes));
    return record(key, value, headers);
  }

  private RawRecord record(byte[] key, byte[] value, List<Header> headers) {
    return RawRecord.toWrite(topic, key, value, new Headers(headers));
  }

  private static byte[] place(RawRecord record) {
    return "%s/%d/%d"
        .formatted(record.topic(), record.partition(), record.offset())
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    if (gate != null) {
      gate.close();
    }
  }

  private static Header header(String name, long value) {
    return header(name, Long.toString(value));
  }

  private static Header header(String name, String value) {
    return new Header(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static String cut(String error, int chars) {
    return error.length() <= chars ? error : error.substring(0, chars) + "...";
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static byte[] cut(byte[] bytes, int length) {
    return bytes == null || bytes.length <= length ? bytes : Arrays.copyOf(bytes, length);
  }
}
