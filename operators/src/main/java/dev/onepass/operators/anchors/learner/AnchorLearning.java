package dev.onepass.operators.anchors.learner;

import static dev.onepass.operators.event.Unhurried.unhurried;

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
 * Puts the learner of anchor sets into a job. Its operators are there whatever the options say, so
 * that savepoints fit; where nothing is learned they do nothing.
 */
public final class AnchorLearning {

  /** Uid of the learner; savepoints find its state by it. */
  public static final String UID = "anchors-learner";

  private final List<HeadSpec> heads;
  private final AnchorOptions options;

  /** Learning for the declared heads. */
  public AnchorLearning(List<HeadSpec> heads, AnchorOptions options) {
    this.heads = heads;
    this.options = options;
  }

  /** The heads that a set is to be learned for. */
  static List<HeadSpec> learned(List<HeadSpec> heads, AnchorOptions options) {
    return heads.stream()
        .filter(head -> options.learns(head.name()))
        .filter(head -> head.keyDim() <= AnchorSetMaker.MOST_KEY_DIM)
        .toList();
  }

  /**
   * Samples of what a decoder gives out.
   *
   * @param what the topic's records, {@code tokens} or {@code queries}
   */
  public SingleOutputStreamOperator<Sample> sample(String what, DataStream<Event> events) {
    return unhurried(
        events
            .process(new SampleFunction(heads, options), FlowTypes.SAMPLE)
            .uid(what + "-sample")
            .name("Sample " + what));
  }

  /**
   * All sets that sequences may adopt: those of the topic, and those that were made but could not
   * be published.
   *
   * @param sets checked records of the anchors topic
   */
  public SingleOutputStreamOperator<RawRecord> learn(
      DataStream<RawRecord> sets, DataStream<Sample> samples, AnchorsTopic topic) {
    return unhurried(
        sets.keyBy(record -> new String(record.key(), StandardCharsets.UTF_8), Types.STRING)
            .connect(samples.keyBy(Sample::head, Types.STRING))
            .process(new AnchorLearner(heads, options, topic), FlowTypes.RAW_RECORD)
            .uid(UID)
            .name("Learn anchor sets"));
  }

  /** The sets that were made and are to be written to the topic. */
  public static DataStream<RawRecord> published(SingleOutputStreamOperator<RawRecord> learned) {
    return learned.getSideOutput(AnchorLearner.PUBLISH);
  }
}
