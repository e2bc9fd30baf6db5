// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.sketch.sequence.Sequence;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes events between tasks and in state. */
public final class EventSerializer extends FlowSerializer<Event> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final EventSerializer INSTANCE = new EventSerializer();

  private static final int TOKEN = 1;
  private static final int RETRACTION = 2;
  private static final int FORGET = 3;
  private static final int QUERY = 4;
  private static final int STATS = 5;
  private static final int RECOVER = 6;
  private static final int ALIVE = 7;

  /** A token with a bias. */
  private static final int BIASED_TOKEN = 8;

  /** A retraction with a bias and a timestamp. */
  private static final int TIMED_RETRACTION = 9;

  /** Bit in the kind of a query that goes to all shards; the spread precedes the other fields. */
  private static final int SPREAD = 0x80;

  @Override
  protected void write(Event event, DataOutputView out) throws IOException {
    if (event instanceof Event.Token token) {
      int kind = kind(token);
      begin(kind, event, out);
      out.writeLong(token.position());
      if (kind == BIASED_TOKEN || kind == TIMED_RETRACTION) {
        out.writeFloat(token.bias());
      }
      if (kind == TIMED_RETRACTION) {
        out.writeLong(token.timestamp());
      }
      Bytes.writeFloats(token.vectorKey(), out);
      Bytes.writeFloats(token.value(), out);
    } else if (event instanceof Event.Query query) {
      begin(QUERY, event, query.spread(), out);
      Bytes.writeString(query.queryId(), out);
      out.writeInt(query.count());
      out.writeLong(query.asOf());
      Bytes.writeFloats(query.vectors(), out);
    } else if (event instanceof Event.StatsQuery stats) {
      begin(STATS, event, stats.spread(), out);
      Bytes.writeString(stats.queryId(), out);
    } else if (event instanceof Event.RecoverQuery recover) {
      begin(RECOVER, event, out);
      Bytes.writeString(recover.queryId(), out);
      out.writeInt(recover.k());
    } else {
      begin(event instanceof Event.Alive ? ALIVE : FORGET, event, out);
    }
  }

  private static int kind(Event.Token token) {
    if (token.isPlain()) {
      return token.retract() ? RETRACTION : TOKEN;
    }
    return token.retract() ? TIMED_RETRACTION : BIASED_TOKEN;
  }

  private static void begin(int kind, Event event, Event.Spread spread, DataOutputView out)
      throws IOException {
    begin(spread == null ? kind : kind | SPREAD, event, out);
    if (spread != null) {
      write(spread, out);
    }
  }

  private static void begin(int kind, Event event, DataOutputView out) throws IOException {
    out.writeByte(kind);
    SequenceKeySerializer.INSTANCE.write(event.key(), out);
    RawRecordSerializer.INSTANCE.write(event.origin(), out);
  }

  static void write(Event.Spread spread, DataOutputView out) throws IOException {
    out.writeInt(spread.shards());
    out.writeLong(spread.asOf());
  }

  static Event.Spread readSpread(DataInputView in) throws IOException {
    return new Event.Spread(in.readInt(), in.readLong());
  }

  @Override
  protected Event read(DataInputView in) throws IOException {
    int kind = in.readUnsignedByte();
    SequenceKey key = SequenceKeySerializer.INSTANCE.read(in);
    RawRecord origin = RawRecordSerializer.INSTANCE.read(in);
    Event.Spread spread = null;
    if ((kind & SPREAD) != 0) {
      kind &= ~SPREAD;
      spread = readSpread(in);
    }
    switch (kind) {
      case TOKEN, RETRACTION, BIASED_TOKEN, TIMED_RETRACTION -> {
        long position = in.readLong();
        float bias = kind == TOKEN || kind == RETRACTION ? 0 : in.readFloat();
        long timestamp = kind == TIMED_RETRACTION ? in.readLong() : Sequence.NO_TIME;
        float[] vectorKey = Bytes.readFloats(in);
        float[] value = Bytes.readFloats(in);
        boolean retract = kind == RETRACTION || kind == TIMED_RETRACTION;
        return new Event.Token(key, origin, position, vectorKey, value, retract, bias, timestamp);
      }
      case FORGET -> {
        return new Event.Forget(key, origin);
      }
      case ALIVE -> {
        return new Event.Alive(key, origin);
      }
      case QUERY -> {
        String queryId = Bytes.readString(in);
        int count = in.readInt();
        long asOf = in.readLong();
        return new Event.Query(key, origin, queryId, Bytes.readFloats(in), count, asOf, spread);
      }
      case STATS -> {
        return new Event.StatsQuery(key, origin, Bytes.readString(in), spread);
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

  /** The snapshot that savepoints hold next to events in state. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Event> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
