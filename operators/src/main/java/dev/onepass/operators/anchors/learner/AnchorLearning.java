// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import static dev.onepass.operators.event.BatchedOutput.batched;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Sample;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Adds the learner of anchor sets to a job graph. Its operators are part of every job, so that
 * savepoints fit under all options. Where the options disable learning, they do nothing.
 */
public final class AnchorLearning {

  /** Uid of the learner, by which savepoints find its state. */
  public static final String UID = "anchors-learner";

  private final List<HeadSpec> heads;
  private final AnchorOptions options;

  /** Creates the learner of the declared heads. */
  public AnchorLearning(List<HeadSpec> heads, AnchorOptions options) {
    this.heads = heads;
    this.options = options;
  }

  /** Returns the heads for which the job learns a set. */
  static List<HeadSpec> learned(List<HeadSpec> heads, AnchorOptions options) {
    return heads.stream()
        .filter(head -> options.learns(head.name()))
        .filter(head -> head.usesSets() && head.setDim() <= AnchorSetMaker.MOST_KEY_DIM)
        .toList();
  }

  /**
   * Samples the events of a topic.
   *
   * @param what kind of records in the topic, {@code tokens} or {@code queries}; part of the uid
   * @param events output of the topic's decoder
   */
  public SingleOutputStreamOperator<Sample> sample(String what, DataStream<Event> events) {
    return batched(
        events
            .process(new SampleFunction(heads, options), FlowTypes.SAMPLE)
            .uid(what + "-sample")
            .name("Sample " + what));
  }

  /**
   * Adds the learner, and returns all sets that sequences may adopt: those of the topic, and those
   * that the learner made but could not publish.
   *
   * @param sets checked records of the anchors topic
   * @param samples output of {@link #sample}
   * @param topic the topic of the sets
   */
  public SingleOutputStreamOperator<RawRecord> learn(
      DataStream<RawRecord> sets, DataStream<Sample> samples, AnchorsTopic topic) {
    return batched(
        sets.keyBy(record -> new String(record.key(), StandardCharsets.UTF_8), Types.STRING)
            .connect(samples.keyBy(Sample::head, Types.STRING))
            .process(new AnchorLearner(heads, options, topic), FlowTypes.RAW_RECORD)
            .uid(UID)
            .name("Learn anchor sets"));
  }

  /**
   * Returns the sets that are to be written to the topic.
   *
   * @param learned output of {@link #learn}
   */
  public static DataStream<RawRecord> published(SingleOutputStreamOperator<RawRecord> learned) {
    return learned.getSideOutput(AnchorLearner.PUBLISH);
  }
}
