package dev.onepass.operators.event;

/**
 * One record of a topic as it lies there: where something came from, kept so that a dead letter can
 * give it back, or what is about to be written.
 *
 * @param topic topic
 * @param partition partition, -1 for a record that is not written yet
 * @param offset offset, -1 for a record that is not written yet
 * @param timestamp timestamp in epoch milliseconds
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
    Headers headers) {}
