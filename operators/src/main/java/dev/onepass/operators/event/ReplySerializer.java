// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.sketch.api.Recovery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes replies between tasks. */
public final class ReplySerializer extends FlowSerializer<Reply> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final ReplySerializer INSTANCE = new ReplySerializer();

  private static final int ANSWER = 1;
  private static final int STATS = 2;
  private static final int RECOVERED = 3;

  /** Bits of the last byte of an answer, which older versions wrote as a boolean. */
  private static final int TIMED_OUT = 1;

  private static final int QUEUE_FULL = 2;
  private static final int INCOMPLETE = 4;

  /** The first bit of the same byte in the counts of a sequence. */
  private static final int EXACT = 1;

  @Override
  protected void write(Reply reply, DataOutputView out) throws IOException {
    if (reply instanceof Reply.Answer answer) {
      begin(ANSWER, reply, out);
      out.writeInt(answer.outputs().length);
      for (float[] output : answer.outputs()) {
        Bytes.writeFloats(output, out);
      }
      Bytes.writeFloats(answer.error(), out);
      Bytes.writeDoubles(answer.logNormalizer(), out);
      Bytes.writeFloats(answer.logNormalizerError(), out);
      Bytes.writeFloats(answer.beyondBound(), out);
      out.writeLong(answer.firstRow());
      out.writeLong(answer.tokens());
      out.writeLong(answer.position());
      Bytes.writeString(answer.sketch(), out);
      out.writeInt(answer.anchorsVersion());
      out.writeBoolean(answer.exact());
      out.writeByte(
          (answer.timedOut() ? TIMED_OUT : 0)
              | (answer.queueFull() ? QUEUE_FULL : 0)
              | (answer.incomplete() ? INCOMPLETE : 0));
    } else if (reply instanceof Reply.Recovered recovered) {
      begin(RECOVERED, reply, out);
      write(recovered.recovery(), out);
    } else if (reply instanceof Reply.Stats stats) {
      begin(STATS, reply, out);
      out.writeLong(stats.tokens());
      out.writeLong(stats.stateBytes());
      Bytes.writeString(stats.sketch(), out);
      out.writeByte((stats.exact() ? EXACT : 0) | (stats.incomplete() ? INCOMPLETE : 0));
      out.writeInt(stats.anchorsVersion());
      out.writeLong(stats.duplicates());
    }
  }

  private static void begin(int kind, Reply reply, DataOutputView out) throws IOException {
    out.writeByte(kind);
    SequenceKeySerializer.INSTANCE.write(reply.key(), out);
    RawRecordSerializer.INSTANCE.write(reply.origin(), out);
    Bytes.writeString(reply.queryId(), out);
  }

  private static void write(Recovery recovery, DataOutputView out) throws IOException {
    out.writeLong(recovery.rows());
    out.writeInt(recovery.columns().size());
    for (Recovery.Column column : recovery.columns()) {
      Bytes.writeLongs(column.rows(), out);
      Bytes.writeFloats(column.values(), out);
      out.writeDouble(column.norm());
      out.writeDouble(column.tail());
    }
  }

  private static Recovery readRecovery(DataInputView in) throws IOException {
    long rows = in.readLong();
    int count = in.readInt();
    List<Recovery.Column> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      columns.add(
          new Recovery.Column(
              Bytes.readLongs(in), Bytes.readFloats(in), in.readDouble(), in.readDouble()));
    }
    return new Recovery(rows, columns);
  }

  @Override
  protected Reply read(DataInputView in) throws IOException {
    int kind = in.readUnsignedByte();
    SequenceKey key = SequenceKeySerializer.INSTANCE.read(in);
    RawRecord origin = RawRecordSerializer.INSTANCE.read(in);
    String queryId = Bytes.readString(in);
    if (kind == STATS) {
      return readStats(key, origin, queryId, in);
    }
    if (kind == RECOVERED) {
      return new Reply.Recovered(key, origin, queryId, readRecovery(in));
    }
    if (kind != ANSWER) {
      throw new IOException("reply kind " + kind + " is not known");
    }
    float[][] outputs = new float[in.readInt()][];
    for (int q = 0; q < outputs.length; q++) {
      outputs[q] = Bytes.readFloats(in);
    }
    float[] error = Bytes.readFloats(in);
    double[] logNormalizer = Bytes.readDoubles(in);
    float[] logNormalizerError = Bytes.readFloats(in);
    float[] beyondBound = Bytes.readFloats(in);
    long firstRow = in.readLong();
    long tokens = in.readLong();
    long position = in.readLong();
    String sketch = Bytes.readString(in);
    int anchorsVersion = in.readInt();
    boolean exact = in.readBoolean();
    int marks = in.readUnsignedByte();
    return new Reply.Answer(
        key,
        origin,
        queryId,
        outputs,
        error,
        logNormalizer,
        logNormalizerError,
        beyondBound,
        firstRow,
        tokens,
        position,
        sketch,
        anchorsVersion,
        exact,
        (marks & TIMED_OUT) != 0,
        (marks & QUEUE_FULL) != 0,
        (marks & INCOMPLETE) != 0);
  }

  private static Reply readStats(
      SequenceKey key, RawRecord origin, String queryId, DataInputView in) throws IOException {
    long tokens = in.readLong();
    long stateBytes = in.readLong();
    String sketch = Bytes.readString(in);
    int marks = in.readUnsignedByte();
    return new Reply.Stats(
        key,
        origin,
        queryId,
        tokens,
        stateBytes,
        sketch,
        (marks & EXACT) != 0,
        in.readInt(),
        in.readLong(),
        (marks & INCOMPLETE) != 0);
  }

  @Override
  public TypeSerializerSnapshot<Reply> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that unaligned checkpoints hold next to records in flight. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Reply> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
