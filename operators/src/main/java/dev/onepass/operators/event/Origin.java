package dev.onepass.operators.event;

/**
 * The record that something came from, kept so that a dead letter can give it back.
 *
 * @param topic topic
 * @param partition partition
 * @param offset offset
 * @param timestamp the record's timestamp in epoch milliseconds
 * @param key the record's key, or null
 * @param value the record's value, or null
 * @param headers the record's headers
 */
public record Origin(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    Headers headers) {}
