// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.job.format.fields.ReplyWriter;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.metrics.OnepassMetrics;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Encodes replies as records of the outputs topic. If the brokers would refuse a reply because of
 * its size, its query becomes a dead letter instead: a record that can never be written would
 * restart the job again and again.
 */
public final class EncodeFunction extends ProcessFunction<Reply, RawRecord> {
  private static final long serialVersionUID = 1L;

  private final RecordFormat format;
  private final String topic;
  private final RecordLimit limit;

  private transient ReplyWriter writer;
  private transient TopicGate gate;
  private transient Counter refused;

  /**
   * @param format format of the records
   * @param topic the outputs topic
   * @param limit size limit of records
   */
  public EncodeFunction(RecordFormat format, String topic, RecordLimit limit) {
    this.format = format;
    this.topic = topic;
    this.limit = limit;
  }

  @Override
  public void open(OpenContext context) {
    writer = format.writer();
    gate = limit.open(topic, getRuntimeContext());
    refused = OnepassMetrics.refused(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Reply reply, Context context, Collector<RawRecord> out)
      throws Exception {
    byte[] key = reply.key().sequence().getBytes(StandardCharsets.UTF_8);
    RawRecord query = reply.origin();
    RawRecord output = RawRecord.toWrite(topic, key, writer.write(reply), query.headers(), query);
    switch (gate.judge(output)) {
      case PASSES -> out.collect(output);
      case WRITTEN -> {}
      default -> {
        refused.inc();
        context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(query, tooLarge(reply, output)));
      }
    }
  }

  private String tooLarge(Reply reply, RawRecord output) {
    return "output too large: %d bytes, but the brokers accept %s; %s, or raise max.message.bytes of the topic and kafka.properties.max.request.size"
        .formatted(
            RecordLimit.bytes(output),
            gate.isKnown() ? Integer.toString(gate.limit()) : "less",
            reply instanceof Reply.Recovered
                ? "send a smaller recover.k"
                : "send fewer vectors per query");
  }

  @Override
  public void close() {
    if (gate != null) {
      gate.close();
    }
  }
}
