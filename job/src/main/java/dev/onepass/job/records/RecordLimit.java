package dev.onepass.job.records;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.Serializable;
import org.apache.flink.api.common.functions.RuntimeContext;

/** How large a record may be. */
public interface RecordLimit extends Serializable {

  /** Bytes that a batch of one record has around key, value and headers, generously. */
  int BATCH_OVERHEAD = 256;

  /** Bytes around each header, generously. */
  int HEADER_OVERHEAD = 10;

  /**
   * Bytes that do not compress grow by less than one in so many when a producer compresses them.
   */
  int INCOMPRESSIBLE = 1024;

  /**
   * Returns the largest record of a topic, in bytes with everything around it. Where the topic's
   * own limit is not known, the topic may take less.
   */
  int bytes(String topic);

  /**
   * Opens the gate that a task's records of a topic go through.
   *
   * @param topic the topic
   * @param context of the task
   */
  default TopicGate open(String topic, RuntimeContext context) {
    return new KnownLimit(bytes(topic));
  }

  /** Returns the bytes that a record takes on the brokers, rounded up. */
  static long bytes(RawRecord record) {
    long bytes = plainBytes(record);
    return bytes + bytes / INCOMPRESSIBLE;
  }

  /** Returns the bytes that could be added to a record so that it takes no more than the limit. */
  static int room(RawRecord record, int limit) {
    int plain = limit - (int) ((limit + 1L) / (INCOMPRESSIBLE + 1));
    return (int) Math.max(0, plain - plainBytes(record));
  }

  private static long plainBytes(RawRecord record) {
    long bytes = BATCH_OVERHEAD;
    bytes += record.key() == null ? 0 : record.key().length;
    bytes += record.value() == null ? 0 : record.value().length;
    for (Headers.Header header : record.headers().entries()) {
      bytes += HEADER_OVERHEAD + 3L * header.name().length();
      bytes += header.value() == null ? 0 : header.value().length;
    }
    return bytes;
  }
}
