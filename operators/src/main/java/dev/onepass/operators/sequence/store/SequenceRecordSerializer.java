// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.sketch.sequence.Header;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes and reads the {@code header} state. Header and lifetime have formats and versions of their
 * own; each follows its length in one byte.
 *
 * <p>A header is changed in place, and the heap backend hands out the stored object. So a snapshot
 * that is being written needs a true copy.
 */
public final class SequenceRecordSerializer extends FlowSerializer<SequenceRecord> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final SequenceRecordSerializer INSTANCE = new SequenceRecordSerializer();

  @Override
  protected void write(SequenceRecord record, DataOutputView out) throws IOException {
    write(record.header().toByteArray(), out);
    write(record.lifetime().toByteArray(), out);
  }

  private static void write(byte[] bytes, DataOutputView out) throws IOException {
    out.writeByte(bytes.length);
    out.write(bytes);
  }

  @Override
  protected SequenceRecord read(DataInputView in) throws IOException {
    Header header = Header.fromByteArray(bytes(in));
    return new SequenceRecord(header, Lifetime.fromByteArray(bytes(in)));
  }

  private static byte[] bytes(DataInputView in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedByte()];
    in.readFully(bytes);
    return bytes;
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public SequenceRecord copy(SequenceRecord from) {
    return from.copy();
  }

  @Override
  public TypeSerializerSnapshot<SequenceRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format's entry in savepoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SequenceRecord> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
