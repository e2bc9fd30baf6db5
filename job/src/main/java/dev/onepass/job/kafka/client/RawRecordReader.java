// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.client;

import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Reads records unchanged. An operator decodes them, because it can turn bad ones into dead
 * letters.
 */
public final class RawRecordReader implements KafkaRecordDeserializationSchema<RawRecord> {
  private static final long serialVersionUID = 1L;

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RawRecord> out) {
    out.collect(raw(record));
  }

  /** Returns the record unchanged. */
  public static RawRecord raw(ConsumerRecord<byte[], byte[]> record) {
    return new RawRecord(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        headers(record.headers()));
  }

  private static Headers headers(org.apache.kafka.common.header.Headers headers) {
    List<Headers.Header> entries = new ArrayList<>();
    for (Header header : headers) {
      entries.add(new Headers.Header(header.key(), header.value()));
    }
    return entries.isEmpty() ? Headers.NONE : new Headers(entries);
  }

  @Override
  public TypeInformation<RawRecord> getProducedType() {
    return FlowTypes.RAW_RECORD;
  }
}
