package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How an {@link RawRecord} lies within the types that carry one. */
final class RawRecordFormat {

  private RawRecordFormat() {}

  static void write(RawRecord origin, DataOutputView out) throws IOException {
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

  static RawRecord read(DataInputView in) throws IOException {
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
}
