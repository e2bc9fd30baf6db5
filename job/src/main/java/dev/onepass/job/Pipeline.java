// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job;

import static dev.onepass.operators.event.BatchedOutput.batched;

import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.kafka.source.WatchedSource;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.records.DeadLetterFunction;
import dev.onepass.job.records.DecodeFunction;
import dev.onepass.job.records.EncodeFunction;
import dev.onepass.operators.anchors.AnchorCheckFunction;
import dev.onepass.operators.anchors.learner.AnchorLearning;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.ordering.TimelyWatermarks;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.operators.topology.Sequences;
import java.time.Clock;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Builds the topology:
 *
 * <pre>
 *   tokens  -> decode -> route -\                                      /-> encode -----------------\
 *                                >- keyBy(head, sequence, shard) -> sequences --> merge -> encode ---\
 *   queries -> decode -> route -/                                     ^  \     (parts of shards)      >-> one sink
 *                     \- sample -\                                    |   dead letters --------------/
 *                                 >- keyBy(head) -> learner ----------/                             /
 *   anchors -> decode -----------/                (broadcast)    \-------- made sets --------------/
 * </pre>
 *
 * The decoder of tokens also broadcasts the holes in the topic to {@code sequences}.
 *
 * <p>In event-time order, an operator {@code order} with the same key precedes {@code sequences}.
 *
 * <p>Uids never change: savepoints find state by them.
 */
public final class Pipeline {

  /** Number of key groups. It never changes: savepoints cannot be restored with another number. */
  public static final int MAX_PARALLELISM = Shards.KEY_GROUPS;

  /** How far timestamps of one partition may be ahead of another's in event-time order. */
  private static final Duration MOST_AHEAD = Duration.ofMinutes(5);

  /** Interval of alignment, in which a partition can advance by at most {@link #MOST_AHEAD}. */
  private static final Duration ALIGNMENT_INTERVAL = Duration.ofMillis(200);

  /** Clock of the worker, which decoders and watermarks share. */
  private static final Clock CLOCK = Clock.systemUTC();

  private final StreamExecutionEnvironment environment;
  private final JobSettings settings;
  private final Kafka kafka;
  private final Heads heads;
  private final AnchorLearning learning;

  private Pipeline(StreamExecutionEnvironment environment, JobSettings settings) {
    this.environment = environment;
    this.settings = settings;
    kafka = new Kafka(settings);
    heads = new Heads(settings.sequences().heads());
    learning = new AnchorLearning(settings.sequences().heads(), settings.sequences().anchors());
  }

  /** Adds the job to an environment. */
  public static void build(StreamExecutionEnvironment environment, JobSettings settings) {
    environment.setMaxParallelism(MAX_PARALLELISM);
    environment.configure(new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
    new Pipeline(environment, settings).build();
  }

  private void build() {
    SingleOutputStreamOperator<Event> tokens =
        decode("tokens", kafka.tokens(), DecodeFunction.Kind.TOKENS);
    SingleOutputStreamOperator<Event> queries =
        decode("queries", kafka.queries(), DecodeFunction.Kind.QUERIES);
    SingleOutputStreamOperator<RawRecord> topicsSets = decodeAnchorSets();
    SingleOutputStreamOperator<RawRecord> anchorSets =
        learning.learn(
            topicsSets,
            learning.sample("tokens", tokens).union(learning.sample("queries", queries)),
            kafka.anchorsTopic());
    DataStream<RawRecord> broadcast = anchorSets.union(tokens.getSideOutput(DecodeFunction.HOLES));
    Sequences.Answered answered =
        Sequences.answer(tokens, queries, broadcast, kafka.anchorsTopic(), settings.sequences());
    SingleOutputStreamOperator<RawRecord> outputs =
        encode(answered.replies()).uid("encode").name("Encode answers");
    SingleOutputStreamOperator<RawRecord> mergedOutputs =
        encode(answered.merged()).uid("encode-merged").name("Encode merged answers");
    if (!settings.sequences().sharding().isOn()) {
      batched(mergedOutputs);
    }
    SingleOutputStreamOperator<RawRecord> deadLetters =
        batched(
            tokens
                .getSideOutput(SideOutputs.DEAD_LETTERS)
                .union(
                    queries.getSideOutput(SideOutputs.DEAD_LETTERS),
                    topicsSets.getSideOutput(SideOutputs.DEAD_LETTERS),
                    answered.deadLetters(),
                    outputs.getSideOutput(SideOutputs.DEAD_LETTERS),
                    mergedOutputs.getSideOutput(SideOutputs.DEAD_LETTERS))
                .process(
                    new DeadLetterFunction(settings.topics().deadLetters(), kafka.limit()),
                    FlowTypes.RAW_RECORD)
                .uid("dead-letters")
                .name("Encode dead letters"));
    outputs
        .union(mergedOutputs, deadLetters, AnchorLearning.published(anchorSets))
        .sinkTo(kafka.sink())
        .uid("sink")
        .name("Answers and dead letters");
  }

  private SingleOutputStreamOperator<RawRecord> encode(DataStream<Reply> replies) {
    return replies.process(
        new EncodeFunction(settings.format(), settings.topics().outputs(), kafka.limit()),
        FlowTypes.RAW_RECORD);
  }

  private SingleOutputStreamOperator<Event> decode(
      String what, WatchedSource source, DecodeFunction.Kind kind) {
    return batched(
        environment
            .fromSource(source, watermarks(), "Read " + what, FlowTypes.RAW_RECORD)
            .uid(what + "-source")
            .process(
                new DecodeFunction(
                    kind,
                    settings.format(),
                    heads,
                    settings.queryMaxVectors(),
                    settings.sequences().eventTime(),
                    CLOCK),
                FlowTypes.EVENT)
            .uid(what + "-decode")
            .name("Decode " + what));
  }

  /**
   * Returns the watermarks, by which tokens and queries wait for each other. Records that are ahead
   * wait in state, so alignment pauses partitions whose timestamps are far ahead of the others.
   */
  private WatermarkStrategy<RawRecord> watermarks() {
    EventTime eventTime = settings.sequences().eventTime();
    if (eventTime == null) {
      return WatermarkStrategy.noWatermarks();
    }
    return TimelyWatermarks.strategy(eventTime, CLOCK)
        .withWatermarkAlignment("order", MOST_AHEAD, ALIGNMENT_INTERVAL);
  }

  /**
   * Returns the records of the anchors topic that hold a set. One task reads all of them, so that
   * all tasks of sequences receive them in the same order.
   */
  private SingleOutputStreamOperator<RawRecord> decodeAnchorSets() {
    return batched(
        environment
            .fromSource(
                kafka.anchors(),
                WatermarkStrategy.noWatermarks(),
                "Read anchors",
                FlowTypes.RAW_RECORD)
            .uid("anchors-source")
            .setParallelism(1)
            .process(
                new AnchorCheckFunction(
                    settings.sequences().heads(), settings.sequences().anchors().factorBytes()),
                FlowTypes.RAW_RECORD)
            .uid("anchors-decode")
            .name("Decode anchors")
            .setParallelism(1));
  }
}
