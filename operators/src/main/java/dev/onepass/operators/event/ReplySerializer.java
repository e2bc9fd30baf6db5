package dev.onepass.operators.event;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Replies between tasks. */
public final class ReplySerializer extends FlowSerializer<Reply> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final ReplySerializer INSTANCE = new ReplySerializer();

  private static final int ANSWER = 1;
  private static final int STATS = 2;

  @Override
  protected void write(Reply reply, DataOutputView out) throws IOException {
    out.writeByte(reply instanceof Reply.Answer ? ANSWER : STATS);
    SequenceKeySerializer.INSTANCE.write(reply.key(), out);
    RawRecordFormat.write(reply.origin(), out);
    Bytes.writeString(reply.queryId(), out);
    if (reply instanceof Reply.Answer answer) {
      out.writeInt(answer.outputs().length);
      for (float[] output : answer.outputs()) {
        Bytes.writeFloats(output, out);
      }
      Bytes.writeFloats(answer.error(), out);
      Bytes.writeDoubles(answer.logNormalizer(), out);
      Bytes.writeFloats(answer.beyondBound(), out);
      out.writeLong(answer.tokens());
      out.writeLong(answer.position());
      Bytes.writeString(answer.sketch(), out);
      out.writeInt(answer.anchorsVersion());
      out.writeBoolean(answer.exact());
      out.writeBoolean(answer.timedOut());
    } else if (reply instanceof Reply.Stats stats) {
      out.writeLong(stats.tokens());
      out.writeLong(stats.stateBytes());
      Bytes.writeString(stats.sketch(), out);
      out.writeBoolean(stats.exact());
      out.writeInt(stats.anchorsVersion());
      out.writeLong(stats.duplicates());
    }
  }

  @Override
  protected Reply read(DataInputView in) throws IOException {
    int kind = in.readUnsignedByte();
    SequenceKey key = SequenceKeySerializer.INSTANCE.read(in);
    RawRecord origin = RawRecordFormat.read(in);
    String queryId = Bytes.readString(in);
    if (kind == STATS) {
      return new Reply.Stats(
          key,
          origin,
          queryId,
          in.readLong(),
          in.readLong(),
          Bytes.readString(in),
          in.readBoolean(),
          in.readInt(),
          in.readLong());
    }
    if (kind != ANSWER) {
      throw new IOException("reply kind " + kind + " is not known");
    }
    float[][] outputs = new float[in.readInt()][];
    for (int q = 0; q < outputs.length; q++) {
      outputs[q] = Bytes.readFloats(in);
    }
    return new Reply.Answer(
        key,
        origin,
        queryId,
        outputs,
        Bytes.readFloats(in),
        Bytes.readDoubles(in),
        Bytes.readFloats(in),
        in.readLong(),
        in.readLong(),
        Bytes.readString(in),
        in.readInt(),
        in.readBoolean(),
        in.readBoolean());
  }

  @Override
  public TypeSerializerSnapshot<Reply> snapshotConfiguration() {
    return new Snapshot();
  }

  /** For in-flight data of unaligned checkpoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Reply> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
