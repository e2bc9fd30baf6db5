// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes raw records between tasks, and within the types that hold one. */
public final class RawRecordSerializer extends FlowSerializer<RawRecord> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final RawRecordSerializer INSTANCE = new RawRecordSerializer();

  @Override
  protected void write(RawRecord origin, DataOutputView out) throws IOException {
    Bytes.writeString(origin.topic(), out);
    out.writeInt(origin.partition());
    out.writeLong(origin.offset());
    out.writeLong(origin.timestamp());
    Bytes.write(origin.key(), out);
    Bytes.write(origin.value(), out);
    out.writeInt(origin.headers().entries().size());
    for (Headers.Header header : origin.headers().entries()) {
      Bytes.writeString(header.name(), out);
      Bytes.write(header.value(), out);
    }
  }

  @Override
  protected RawRecord read(DataInputView in) throws IOException {
    String topic = Bytes.readString(in);
    int partition = in.readInt();
    long offset = in.readLong();
    long timestamp = in.readLong();
    byte[] key = Bytes.read(in);
    byte[] value = Bytes.read(in);
    int count = in.readInt();
    if (count == 0) {
      return new RawRecord(topic, partition, offset, timestamp, key, value, Headers.NONE);
    }
    List<Headers.Header> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      headers.add(new Headers.Header(Bytes.readString(in), Bytes.read(in)));
    }
    return new RawRecord(topic, partition, offset, timestamp, key, value, new Headers(headers));
  }

  @Override
  public TypeSerializerSnapshot<RawRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that unaligned checkpoints hold next to records in flight. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawRecord> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
