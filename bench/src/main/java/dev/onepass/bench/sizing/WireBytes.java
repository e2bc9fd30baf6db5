// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import dev.onepass.bench.load.MemoryTokens;
import dev.onepass.bench.load.RecordWriter;
import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Bytes of one token in transit.
 *
 * @param record bytes of key and value of its record
 * @param shuffled bytes from the source task to the task of the sequence, including the record,
 *     which a dead letter would need
 */
public record WireBytes(double record, double shuffled) {
  private static final int SAMPLES = 1_000;
  private static final int LENGTH_PREFIX = 4;

  /**
   * Returns means over Gaussian keys and values of length {@code dim}, with a short name of the
   * sequence.
   */
  public static WireBytes of(RecordFormat format, int dim) {
    MemoryTokens tokens = new MemoryTokens("exact", dim, 1 << 20, 0);
    RecordWriter writer = new RecordWriter(format);
    DataOutputSerializer out = new DataOutputSerializer(1 << 12);
    long record = 0;
    for (long i = 0; i < SAMPLES; i++) {
      SequenceKey sequence = new SequenceKey("default", "user-" + (10_000_000 + i), 0);
      byte[] key = sequence.sequence().getBytes(StandardCharsets.UTF_8);
      byte[] value = writer.token(i, tokens.key(i), tokens.value(i), 0, dim);
      record += key.length + value.length;
      RawRecord origin =
          new RawRecord("attention.tokens", 0, i, System.nanoTime(), key, value, Headers.NONE);
      write(new Event.Token(sequence, origin, i, tokens.key(i), tokens.value(i), false), out);
    }
    return new WireBytes(
        (double) record / SAMPLES, (double) out.length() / SAMPLES + LENGTH_PREFIX);
  }

  private static void write(Event event, DataOutputSerializer out) {
    try {
      EventSerializer.INSTANCE.serialize(event, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
