// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.throughput;

import dev.onepass.job.Pipeline;
import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.kafka.source.WatchedSource;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.records.DecodeFunction;
import dev.onepass.job.records.EncodeFunction;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The baseline job: the same as Onepass except for the processing of tokens. */
final class PassThrough {

  /** Name of the operator that consumes the tokens. */
  static final String OPERATOR = "Pass through";

  private PassThrough() {}

  static void build(StreamExecutionEnvironment environment, JobSettings settings) {
    environment.setMaxParallelism(Pipeline.MAX_PARALLELISM);
    Kafka kafka = new Kafka(settings);
    DataStream<Event> tokens =
        events(environment, kafka.tokens(), DecodeFunction.Kind.TOKENS, settings);
    DataStream<Event> queries =
        events(environment, kafka.queries(), DecodeFunction.Kind.QUERIES, settings);
    tokens
        .union(queries)
        .keyBy(Event::key, FlowTypes.KEY)
        .process(new PassThroughFunction(), FlowTypes.REPLY)
        .name(OPERATOR)
        .process(
            new EncodeFunction(settings.format(), settings.topics().outputs(), kafka.limit()),
            FlowTypes.RAW_RECORD)
        .sinkTo(kafka.sink());
  }

  private static DataStream<Event> events(
      StreamExecutionEnvironment environment,
      WatchedSource source,
      DecodeFunction.Kind kind,
      JobSettings settings) {
    Heads heads = new Heads(settings.sequences().heads());
    return environment
        .fromSource(source, WatermarkStrategy.noWatermarks(), "Read", FlowTypes.RAW_RECORD)
        .process(
            new DecodeFunction(kind, settings.format(), heads, settings.queryMaxVectors()),
            FlowTypes.EVENT);
  }
}
