package dev.onepass.job.records;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Headers.Header;
import dev.onepass.operators.event.RawRecord;
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
 * brokers would not take are cut, and the header {@code truncated} gives their full length.
 */
public final class DeadLetterFunction extends ProcessFunction<DeadLetter, RawRecord> {
  private static final long serialVersionUID = 1L;

  /** An error quotes the record, which may be large; the header has to fit beside the bytes. */
  private static final int MAX_ERROR_CHARS = 1000;

  private final String topic;
  private final RecordLimit limit;

  private transient int maxBytes;
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
    maxBytes = limit.bytes(topic);
    letters = getRuntimeContext().getMetricGroup().addGroup("onepass").counter("deadLetters");
  }

  @Override
  public void processElement(DeadLetter letter, Context context, Collector<RawRecord> out) {
    letters.inc();
    out.collect(record(letter, topic, maxBytes));
  }

  static RawRecord record(DeadLetter letter, String topic, int maxBytes) {
    RawRecord refused = letter.origin();
    List<Header> headers =
        new ArrayList<>(
            List.of(
                header("error", cut(letter.error(), Math.min(MAX_ERROR_CHARS, maxBytes / 16))),
                header("topic", refused.topic()),
                header("partition", Integer.toString(refused.partition())),
                header("offset", Long.toString(refused.offset()))));
    RawRecord whole = record(topic, refused, refused.key(), refused.value(), headers);
    if (RecordLimit.bytes(whole) <= maxBytes) {
      return whole;
    }
    long fullLength = length(refused.key()) + (long) length(refused.value());
    headers.add(header("truncated", Long.toString(fullLength)));
    byte[] key = cut(refused.key(), maxBytes / 4);
    RawRecord without = record(topic, refused, key, null, headers);
    byte[] value = cut(refused.value(), RecordLimit.room(without, maxBytes));
    return record(topic, refused, key, value, headers);
  }

  private static RawRecord record(
      String topic, RawRecord refused, byte[] key, byte[] value, List<Header> headers) {
    return new RawRecord(topic, -1, -1, refused.timestamp(), key, value, new Headers(headers));
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
