package dev.onepass.operators.event;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Events on the wire between tasks, and queries that wait in state. */
public final class EventSerializer extends FlowSerializer<Event> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final EventSerializer INSTANCE = new EventSerializer();

  private static final int TOKEN = 1;
  private static final int RETRACTION = 2;
  private static final int FORGET = 3;
  private static final int QUERY = 4;
  private static final int STATS = 5;
  private static final int RECOVER = 6;

  @Override
  protected void write(Event event, DataOutputView out) throws IOException {
    if (event instanceof Event.Token token) {
      begin(token.retract() ? RETRACTION : TOKEN, event, out);
      out.writeLong(token.position());
      Bytes.writeFloats(token.vectorKey(), out);
      Bytes.writeFloats(token.value(), out);
    } else if (event instanceof Event.Query query) {
      begin(QUERY, event, out);
      Bytes.writeString(query.queryId(), out);
      out.writeInt(query.count());
      out.writeLong(query.asOf());
      Bytes.writeFloats(query.vectors(), out);
    } else if (event instanceof Event.StatsQuery stats) {
      begin(STATS, event, out);
      Bytes.writeString(stats.queryId(), out);
    } else if (event instanceof Event.RecoverQuery recover) {
      begin(RECOVER, event, out);
      Bytes.writeString(recover.queryId(), out);
      out.writeInt(recover.k());
    } else {
      begin(FORGET, event, out);
    }
  }

  private static void begin(int kind, Event event, DataOutputView out) throws IOException {
    out.writeByte(kind);
    SequenceKeySerializer.INSTANCE.write(event.key(), out);
    RawRecordFormat.write(event.origin(), out);
  }

  @Override
  protected Event read(DataInputView in) throws IOException {
    int kind = in.readUnsignedByte();
    SequenceKey key = SequenceKeySerializer.INSTANCE.read(in);
    RawRecord origin = RawRecordFormat.read(in);
    switch (kind) {
      case TOKEN, RETRACTION -> {
        long position = in.readLong();
        float[] vectorKey = Bytes.readFloats(in);
        float[] value = Bytes.readFloats(in);
        return new Event.Token(key, origin, position, vectorKey, value, kind == RETRACTION);
      }
      case FORGET -> {
        return new Event.Forget(key, origin);
      }
      case QUERY -> {
        String queryId = Bytes.readString(in);
        int count = in.readInt();
        long asOf = in.readLong();
        return new Event.Query(key, origin, queryId, Bytes.readFloats(in), count, asOf);
      }
      case STATS -> {
        return new Event.StatsQuery(key, origin, Bytes.readString(in));
      }
      case RECOVER -> {
        return new Event.RecoverQuery(key, origin, Bytes.readString(in), in.readInt());
      }
      default -> throw new IOException("event kind " + kind + " is not known");
    }
  }

  @Override
  public TypeSerializerSnapshot<Event> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints beside waiting queries. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Event> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
