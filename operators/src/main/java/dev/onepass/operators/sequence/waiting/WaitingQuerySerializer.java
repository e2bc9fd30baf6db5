package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Waiting queries in state. */
public final class WaitingQuerySerializer extends FlowSerializer<WaitingQuery> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final WaitingQuerySerializer INSTANCE = new WaitingQuerySerializer();

  @Override
  protected void write(WaitingQuery waiting, DataOutputView out) throws IOException {
    out.writeLong(waiting.deadline());
    EventSerializer.INSTANCE.serialize(waiting.query(), out);
  }

  @Override
  protected WaitingQuery read(DataInputView in) throws IOException {
    long deadline = in.readLong();
    if (EventSerializer.INSTANCE.deserialize(in) instanceof Event.Query query) {
      return new WaitingQuery(query, deadline);
    }
    throw new IOException("what waits is no query");
  }

  @Override
  public TypeSerializerSnapshot<WaitingQuery> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints beside the queries. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<WaitingQuery> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
