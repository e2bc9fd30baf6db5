package dev.onepass.job.records;

import dev.onepass.job.records.TopicGate.Verdict;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Headers.Header;
import dev.onepass.operators.event.RawRecord;
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
 * Turns dead letters into records of their topic: the refused record's own key and bytes, and in
 * the headers {@code error}, {@code topic}, {@code partition} and {@code offset}. Bytes that the
 * brokers would not take are cut, and the header {@code truncated} gives their full length. A
 * compacted topic takes no record without a key: there the letter of such a record has its place as
 * the key, which no other letter has, and the header {@code keyless}.
 */
public final class DeadLetterFunction extends ProcessFunction<DeadLetter, RawRecord> {
  private static final long serialVersionUID = 1L;

  /** An error quotes the record, which may be large; the header has to fit beside the bytes. */
  private static final int MAX_ERROR_CHARS = 1000;

  private final String topic;
  private final RecordLimit limit;

  private transient TopicGate gate;
  private transient Counter letters;

  /**
   * An encoder.
   *
   * @param topic the dead-letters topic
   * @param limit how large a record of that topic may be
   */
  public DeadLetterFunction(String topic, RecordLimit limit) {
    this.topic = topic;
    this.limit = limit;
  }

  @Override
  public void open(OpenContext context) {
    gate = limit.open(topic, getRuntimeContext());
    letters = getRuntimeContext().getMetricGroup().addGroup("onepass").counter("deadLetters");
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
            "topic %s takes no dead letter, not even one cut to %d bytes; raise its max.message.bytes and kafka.properties.max.request.size"
                .formatted(topic, refusedBytes));
      }
      verdict = gate.judge(record);
    }
    if (verdict == Verdict.PASSES) {
      out.collect(record);
    }
  }

  private RawRecord record(DeadLetter letter, int maxBytes, boolean keyed) {
    RawRecord refused = letter.origin();
    List<Header> headers =
        new ArrayList<>(
            List.of(
                header("error", cut(letter.error(), Math.min(MAX_ERROR_CHARS, maxBytes / 16))),
                header("topic", refused.topic()),
                header("partition", Integer.toString(refused.partition())),
                header("offset", Long.toString(refused.offset()))));
    byte[] key = refused.key();
    if (key == null && keyed) {
      headers.add(header("keyless", "true"));
      key = place(refused);
    }
    RawRecord whole = record(key, refused.value(), headers);
    if (RecordLimit.bytes(whole) <= maxBytes) {
      return whole;
    }
    long fullLength = length(refused.key()) + (long) length(refused.value());
    headers.add(header("truncated", Long.toString(fullLength)));
    if (refused.key() != null) {
      int room = RecordLimit.room(record(null, null, headers), maxBytes);
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
