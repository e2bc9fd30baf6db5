// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RecordLimitTest {

  private final Random random = new Random(11);

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Header[] kafkas(RawRecord record) {
    return record.headers().entries().stream()
        .map(header -> new RecordHeader(header.name(), header.value()))
        .toArray(Header[]::new);
  }

  /** Returns the size that brokers compare with the limit: a batch with only this record. */
  private static int batch(RawRecord record, Compression compression) {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1024),
            RecordBatch.CURRENT_MAGIC_VALUE,
            compression,
            TimestampType.CREATE_TIME,
            0L);
    builder.append(System.currentTimeMillis(), record.key(), record.value(), kafkas(record));
    return builder.build().sizeInBytes();
  }

  private RawRecord randomRecord(int length) {
    List<Headers.Header> headers = new ArrayList<>();
    for (int i = random.nextInt(40); i > 0; i--) {
      String name = random.nextBoolean() ? "é\ud83d\ude00".repeat(random.nextInt(60)) : "n" + i;
      headers.add(
          new Headers.Header(name, random.nextInt(4) == 0 ? null : bytes(random.nextInt(300))));
    }
    return new RawRecord(
        "t",
        0,
        0,
        0,
        random.nextInt(4) == 0 ? null : bytes(random.nextInt(1025)),
        random.nextInt(8) == 0 ? null : bytes(length),
        new Headers(headers));
  }

  @Test
  void theBoundHolds() {
    for (int i = 0; i < 500; i++) {
      RawRecord record = randomRecord(random.nextInt(5_000));
      long bound = RecordLimit.bytes(record);
      assertThat(bound)
          .isGreaterThanOrEqualTo(
              AbstractRecords.estimateSizeInBytesUpperBound(
                  RecordBatch.CURRENT_MAGIC_VALUE,
                  CompressionType.NONE,
                  record.key(),
                  record.value(),
                  kafkas(record)))
          .isGreaterThanOrEqualTo(batch(record, Compression.NONE));
    }
  }

  @Test
  void theBoundHoldsForCompressedRecords() {
    for (int length : new int[] {0, 10, 1_000, 100_000, 1 << 20, 8 << 20}) {
      RawRecord record = randomRecord(length);
      for (CompressionType type : CompressionType.values()) {
        assertThat(RecordLimit.bytes(record))
            .as("%d bytes, %s", length, type)
            .isGreaterThanOrEqualTo(batch(record, Compression.of(type).build()));
      }
    }
  }

  @Test
  void theBoundIsTight() {
    RawRecord record = Samples.record("s", "x".repeat(1_000_000));
    assertThat(RecordLimit.bytes(record)).isLessThan(1_010_000);
  }

  @Test
  void theRoomIsExact() {
    RawRecord empty = Samples.record("s", "", Samples.header("h", "v"));
    for (int limit = 5_000; limit < 8_000; limit++) {
      int room = RecordLimit.room(empty, limit);
      assertThat(RecordLimit.bytes(Samples.record("s", "x".repeat(room), Samples.header("h", "v"))))
          .isLessThanOrEqualTo(limit);
      assertThat(
              RecordLimit.bytes(
                  Samples.record("s", "x".repeat(room + 1), Samples.header("h", "v"))))
          .isGreaterThan(limit);
    }
    assertThat(RecordLimit.room(empty, 100)).isZero();
    assertThat(RecordLimit.room(empty, Integer.MAX_VALUE)).isPositive();
  }
}
