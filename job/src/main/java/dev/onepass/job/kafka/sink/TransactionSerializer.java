// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Serializes a transaction: first the connector's part, then the contents. Also reads transactions
 * that the connector's serializer wrote: its versions are below {@link #FIRST_VERSION}.
 */
final class TransactionSerializer implements SimpleVersionedSerializer<Transaction> {

  /** Far above the connector's own versions, which begin with 1. */
  static final int FIRST_VERSION = 1_000;

  private final SimpleVersionedSerializer<KafkaCommittable> connectors;

  /**
   * @param connectors serializer of the connector's part
   */
  TransactionSerializer(SimpleVersionedSerializer<KafkaCommittable> connectors) {
    this.connectors = connectors;
  }

  @Override
  public int getVersion() {
    return FIRST_VERSION;
  }

  @Override
  public byte[] serialize(Transaction transaction) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    byte[] committable = connectors.serialize(transaction.committable());
    out.writeInt(connectors.getVersion());
    out.writeInt(committable.length);
    out.write(committable);
    write(transaction.contents(), out);
    return bytes.toByteArray();
  }

  private static void write(Contents contents, DataOutputStream out) throws IOException {
    out.writeLong(contents.answers());
    out.writeLong(contents.letters());
    Map<Integer, Interval.Offsets> partitions = contents.queries().partitions();
    out.writeInt(partitions.size());
    for (Map.Entry<Integer, Interval.Offsets> entry : partitions.entrySet()) {
      out.writeInt(entry.getKey());
      out.writeLong(entry.getValue().from());
      out.writeLong(entry.getValue().to());
    }
    Place place = contents.place();
    out.writeBoolean(place != null);
    if (place != null) {
      out.writeUTF(place.topic());
      out.writeInt(place.partition());
      out.writeLong(place.offset());
    }
  }

  @Override
  public Transaction deserialize(int version, byte[] bytes) throws IOException {
    if (version < FIRST_VERSION) {
      return new Transaction(connectors.deserialize(version, bytes), Contents.UNKNOWN);
    }
    if (version > FIRST_VERSION) {
      throw new IOException(
          "Unknown version %d of a transaction; restore with the newer job that wrote it."
              .formatted(version));
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int connectorsVersion = in.readInt();
    byte[] committable = in.readNBytes(in.readInt());
    return new Transaction(connectors.deserialize(connectorsVersion, committable), contents(in));
  }

  private static Contents contents(DataInputStream in) throws IOException {
    long answers = in.readLong();
    long letters = in.readLong();
    Interval queries = new Interval();
    int partitions = in.readInt();
    for (int i = 0; i < partitions; i++) {
      queries.add(in.readInt(), new Interval.Offsets(in.readLong(), in.readLong()));
    }
    Place place = in.readBoolean() ? new Place(in.readUTF(), in.readInt(), in.readLong()) : null;
    return new Contents(answers, letters, queries, place);
  }
}
