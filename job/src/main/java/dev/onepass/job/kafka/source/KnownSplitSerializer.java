// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.common.Uuid;

/**
 * Serializes a split: the id of its topic (zero if not known), then the connector's form. Also
 * reads splits of old savepoints, which the connector's serializer wrote.
 */
final class KnownSplitSerializer implements SimpleVersionedSerializer<KafkaPartitionSplit> {

  /** Far above the versions of the connector's own format. */
  private static final int VERSION = 1000;

  private final KafkaPartitionSplitSerializer connector = new KafkaPartitionSplitSerializer();

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(KafkaPartitionSplit split) throws IOException {
    Uuid known = KnownSplit.topicIdOf(split);
    Uuid topicId = known == null ? Uuid.ZERO_UUID : known;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(topicId.getMostSignificantBits());
    out.writeLong(topicId.getLeastSignificantBits());
    out.writeInt(connector.getVersion());
    out.write(connector.serialize(split));
    return bytes.toByteArray();
  }

  @Override
  public KafkaPartitionSplit deserialize(int version, byte[] bytes) throws IOException {
    if (version < VERSION) {
      return connector.deserialize(version, bytes);
    }
    if (version > VERSION) {
      throw new IOException(
          "The state of a source has version %d, but this job reads versions up to %d; start the job that wrote it, or a newer one."
              .formatted(version, VERSION));
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    Uuid topicId = new Uuid(in.readLong(), in.readLong());
    KafkaPartitionSplit split = connector.deserialize(in.readInt(), in.readAllBytes());
    return topicId.equals(Uuid.ZERO_UUID) ? split : new KnownSplit(split, topicId);
  }
}
