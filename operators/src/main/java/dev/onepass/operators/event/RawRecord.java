package dev.onepass.operators.event;

/**
 * One record of a topic as it lies there: where something came from, kept so that a dead letter can
 * give it back, or what is about to be written.
 *
 * @param topic topic
 * @param partition partition; for a record that is not written yet that of the record it answers,
 *     or -1
 * @param offset offset; for a record that is not written yet that of the record it answers, or -1
 * @param timestamp timestamp in epoch milliseconds, -1 for a record that is not written yet
 * @param key key, or null
 * @param value value, or null
 * @param headers headers
 */
public record RawRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    Headers headers) {

  /**
   * Returns a record that is about to be written. It has no timestamp: it gets the time of its
   * writing. The timestamp of what it was made from would have brokers refuse it where that is far
   * off their clocks, and delete it at once where that is older than the topic's retention.
   */
  public static RawRecord toWrite(String topic, byte[] key, byte[] value, Headers headers) {
    return new RawRecord(topic, -1, -1, -1, key, value, headers);
  }

  /**
   * Returns a record that is about to be written as the answer to another. It carries the partition
   * and the offset of that one, so that whoever writes it can tell what is answered.
   *
   * @param answered the record that is answered
   */
  public static RawRecord toWrite(
      String topic, byte[] key, byte[] value, Headers headers, RawRecord answered) {
    return new RawRecord(topic, answered.partition(), answered.offset(), -1, key, value, headers);
  }
}
