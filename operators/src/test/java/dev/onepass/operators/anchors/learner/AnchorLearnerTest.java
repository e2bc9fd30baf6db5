// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorSetSamples;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.RawRecordSerializer;
import dev.onepass.operators.event.Sample;
import dev.onepass.operators.sequence.OperatorMetrics;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.WideKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drives the learner with samples, restarts and a topic that answers or not. */
@Timeout(60)
class AnchorLearnerTest {

  private static final int DIM = 4;
  private static final int COUNT = 16;
  private static final SampleSizes SIZES = SampleSizes.of(COUNT);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Opens when the topic may answer; static, because the function is serialized. */
  private static CountDownLatch topicAnswers;

  private KeyedTwoInputStreamOperatorTestHarness<String, RawRecord, Sample, RawRecord> learner;
  private final Random random = new Random(5);
  private AnchorsTopic topic = new OpenTopic();
  private int keyDim = DIM;
  private WideKeys wide = WideKeys.NONE;
  private int count = COUNT;
  private long now = 1_000;
  @TempDir Path directory;

  /** A topic that takes every record. */
  private static class OpenTopic implements AnchorsTopic {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return "attention.anchors";
    }

    @Override
    public void read(Consumer<RawRecord> reader) throws IOException {}

    @Override
    public Optional<String> obstacle(RawRecord record) {
      try {
        topicAnswers.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return Optional.empty();
    }
  }

  private static final class MissingTopic extends OpenTopic {
    private static final long serialVersionUID = 1L;

    @Override
    public Optional<String> obstacle(RawRecord record) {
      return Optional.of("the topic is missing");
    }
  }

  private static final class UnluckyTopic extends OpenTopic {
    private static final long serialVersionUID = 1L;

    @Override
    public Optional<String> obstacle(RawRecord record) {
      throw new IllegalStateException("bad luck");
    }
  }

  @BeforeEach
  void start() throws Exception {
    topicAnswers = new CountDownLatch(0);
    start(null);
  }

  private void start(OperatorSubtaskState state) throws Exception {
    List<HeadSpec> heads = List.of(head("a"), head("b"));
    AnchorOptions options = new AnchorOptions(List.of(), 8, true, count, PATIENCE);
    EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend();
    backend.setDbStoragePath(directory.toString());
    learner =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new KeyedCoProcessOperator<>(new AnchorLearner(heads, options, topic)),
            record -> new String(record.key(), StandardCharsets.UTF_8),
            Sample::head,
            Types.STRING);
    learner.setStateBackend(backend);
    learner.setup(RawRecordSerializer.INSTANCE);
    learner.setProcessingTime(now);
    if (state != null) {
      learner.initializeState(state);
    }
    learner.open();
  }

  private HeadSpec head(String name) {
    return new HeadSpec(name, keyDim, 1, 0.5, 8_192, 0, AnchoredFamily.HYBRID, 7, Map.of())
        .withWideKeys(wide);
  }

  @AfterEach
  void stop() throws Exception {
    topicAnswers.countDown();
    learner.close();
  }

  private void restart() throws Exception {
    OperatorSubtaskState state = learner.snapshot(1, now);
    learner.close();
    start(state);
  }

  private void sample(String head, int queries, int keys) throws Exception {
    for (int i = 0; i < Math.max(queries, keys); i++) {
      if (i < keys) {
        learner.processElement2(new Sample(head, false, vector(), 0), 0);
      }
      if (i < queries) {
        learner.processElement2(new Sample(head, true, vector(), 0), 0);
      }
    }
  }

  private float[] vector() {
    float[] vector = new float[keyDim];
    for (int i = 0; i < keyDim; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }

  private RawRecord fromTopic(String head, AnchorSet set) throws Exception {
    RawRecord record =
        new RawRecord(
            "attention.anchors",
            0,
            3,
            4,
            head.getBytes(StandardCharsets.UTF_8),
            set.toByteArray(),
            Headers.NONE);
    learner.processElement1(record, 0);
    return record;
  }

  private void pass(Duration time) throws Exception {
    now += time.toMillis();
    learner.setProcessingTime(now);
  }

  /** Waits until the set is published, and a little longer. */
  private void untilPublished() throws Exception {
    while (published().isEmpty()) {
      Thread.sleep(10);
      pass(AnchorLearner.POLL);
    }
    someTime();
  }

  private void someTime() throws Exception {
    for (int i = 0; i < 5; i++) {
      Thread.sleep(10);
      pass(AnchorLearner.POLL);
    }
  }

  private List<RawRecord> published() {
    Queue<StreamRecord<RawRecord>> queue = learner.getSideOutput(AnchorLearner.PUBLISH);
    List<RawRecord> records = new ArrayList<>();
    if (queue != null) {
      queue.forEach(record -> records.add(record.getValue()));
    }
    return records;
  }

  private static AnchorSet set(RawRecord record) {
    return AnchorSet.fromByteArray(record.value());
  }

  @Test
  void aFullSampleMakesExactlyOneSet() throws Exception {
    sample("a", SIZES.queries(), SIZES.keys() - 1);
    someTime();
    assertThat(published()).isEmpty();
    sample("a", 0, 1);
    untilPublished();
    RawRecord record = published().get(0);
    sample("a", 2 * SIZES.queries(), 2 * SIZES.keys());
    someTime();
    assertThat(published()).hasSize(1);
    assertThat(record.topic()).isEqualTo("attention.anchors");
    assertThat(record.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
    assertThat(set(record).version()).isEqualTo(1);
    assertThat(set(record).keyDim()).isEqualTo(DIM);
    assertThat(set(record).count()).isEqualTo(COUNT);
    // Sequences receive the set when the topic delivers it.
    assertThat(learner.extractOutputValues()).isEmpty();
    RawRecord back = fromTopic("a", set(record));
    assertThat(learner.extractOutputValues()).containsExactly(back);
    sample("a", 2 * SIZES.queries(), 2 * SIZES.keys());
    pass(AnchorLearner.COMES_BACK.multipliedBy(2));
    someTime();
    assertThat(published()).hasSize(1);
  }

  /** Brokers may abort its transaction while the job is down for long. */
  @Test
  void aPublishedSetThatDoesNotReturnIsMadeAgain() throws Exception {
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    pass(AnchorLearner.COMES_BACK.minusMinutes(1));
    someTime();
    assertThat(published()).hasSize(1);

    restart();
    pass(Duration.ofMinutes(2));
    untilPublished();
    RawRecord again = published().get(0);
    assertThat(set(again).version()).isEqualTo(2);
    assertThat(set(again).count()).isEqualTo(COUNT);
  }

  @Test
  void theMinimumSampleIsEnoughAfterSomeTime() throws Exception {
    sample("a", SIZES.fewest() - 1, SIZES.fewest());
    pass(PATIENCE.plusSeconds(1));
    someTime();
    assertThat(published()).isEmpty();

    sample("a", 1, 0);
    untilPublished();
    assertThat(published()).hasSize(1);
  }

  @Test
  void theTimerFindsThatTheMinimumSampleIsEnough() throws Exception {
    sample("a", SIZES.fewest(), SIZES.fewest());
    pass(PATIENCE.minusSeconds(10));
    someTime();
    assertThat(published()).isEmpty();

    pass(Duration.ofSeconds(10));
    untilPublished();
    assertThat(published()).hasSize(1);
  }

  @Test
  void noSetIsMadeForAHeadThatHasOne() throws Exception {
    RawRecord given = fromTopic("a", AnchorSetSamples.set(3, DIM, 1));
    restart();
    sample("a", SIZES.queries(), SIZES.keys());
    sample("b", SIZES.queries(), SIZES.keys());
    untilPublished();

    assertThat(published())
        .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
        .containsExactly("b");
    assertThat(given).isNotNull();
  }

  @Test
  void aSetThatArrivesWhileOneIsMadeReplacesIt() throws Exception {
    topicAnswers = new CountDownLatch(1);
    sample("a", SIZES.queries(), SIZES.keys());
    someTime();
    RawRecord other = fromTopic("a", AnchorSetSamples.set(1, DIM, 1));
    topicAnswers.countDown();
    someTime();

    assertThat(published()).isEmpty();
    assertThat(learner.extractOutputValues()).containsExactly(other);
  }

  @Test
  void samplesSurviveARestart() throws Exception {
    long seed = 17;
    random.setSeed(seed);
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    RawRecord expected = published().get(0);
    learner.close();
    start(null);

    random.setSeed(seed);
    sample("a", SIZES.queries() / 2, SIZES.keys() / 4);
    restart();
    // The rest of the same stream.
    assertThat(SIZES.queries() / 2).isEqualTo(SIZES.keys() / 4);
    sample("a", SIZES.queries() / 2, SIZES.keys() * 3 / 4);
    untilPublished();

    assertThat(published().get(0).value()).containsExactly(expected.value());
  }

  @Test
  void aSetThatIsBeingMadeIsMadeAgainAfterARestart() throws Exception {
    random.setSeed(23);
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    RawRecord expected = published().get(0);
    learner.close();
    start(null);

    topicAnswers = new CountDownLatch(1);
    random.setSeed(23);
    sample("a", SIZES.queries(), SIZES.keys());
    someTime();
    sample("a", 50, 50);
    restart();
    assertThat(published()).isEmpty();
    topicAnswers.countDown();
    untilPublished();

    assertThat(published()).hasSize(1);
    assertThat(published().get(0).value()).containsExactly(expected.value());
    restart();
    someTime();
    assertThat(published()).isEmpty();
  }

  @Test
  void aSetThatTheTopicRefusesIsUsedByThisJob() throws Exception {
    learner.close();
    topic = new MissingTopic();
    start(null);
    sample("a", SIZES.queries(), SIZES.keys());
    while (learner.extractOutputValues().isEmpty()) {
      someTime();
    }

    assertThat(published()).isEmpty();
    assertThat(learner.extractOutputValues())
        .singleElement()
        .satisfies(record -> assertThat(set(record).version()).isEqualTo(1));
  }

  @Test
  void aFailureDoesNotFailTheJobAndIsRetried() throws Exception {
    learner.close();
    topic = new UnluckyTopic();
    start(null);
    sample("a", SIZES.queries(), SIZES.keys());
    someTime();
    assertThat(published()).isEmpty();
    topic = new OpenTopic();
    restart();
    sample("a", 10, 10);
    someTime();
    assertThat(published()).isEmpty();

    pass(PATIENCE);
    untilPublished();
    assertThat(published()).hasSize(1);
  }

  /** In many dimensions, random query vectors are far from every anchor. */
  @Test
  @Timeout(180)
  void aSetThatDoesNotBeatClustersIsRetriedAtGrowingIntervals() throws Exception {
    learner.close();
    keyDim = 16;
    count = 1_000;
    start(null);
    SampleSizes sizes = SampleSizes.of(count, keyDim);
    for (int i = 0; i < sizes.keys(); i++) {
      learner.processElement2(new Sample("a", false, vector(), 0), 0);
      float[] query = vector();
      for (int c = 0; c < keyDim; c++) {
        query[c] /= 2;
      }
      learner.processElement2(new Sample("a", true, query, 0), 0);
    }
    untilBeaten(1);

    pass(PATIENCE);
    untilBeaten(2);
    pass(PATIENCE);
    someTime();
    assertThat(beaten()).as("waits twice as long").isEqualTo(2);
    pass(PATIENCE);
    untilBeaten(3);
    assertThat(published()).isEmpty();
    assertThat(learner.extractOutputValues()).isEmpty();
  }

  private void untilBeaten(long times) throws Exception {
    while (beaten() < times) {
      Thread.sleep(10);
      // Shorter than a retry interval, however long the present attempt takes.
      pass(Duration.ofMillis(50));
    }
  }

  private long beaten() {
    return OperatorMetrics.of(Counter.class, learner, "anchorSetsBeaten").getCount();
  }

  @Test
  void aLargerCountTakesMoreSamples() throws Exception {
    sample("a", SIZES.queries() * 2, SIZES.keys() - 1);
    count = 4 * COUNT;
    restart();
    SampleSizes larger = SampleSizes.of(count);
    sample("a", larger.queries(), larger.keys());
    untilPublished();

    AnchorSet set = set(published().get(0));
    assertThat(set.count()).isEqualTo(count);
  }

  @Test
  void otherDimensionsStartOver() throws Exception {
    fromTopic("a", AnchorSetSamples.set(3, DIM, 1));
    keyDim = 6;
    restart();
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();

    assertThat(set(published().get(0)).version()).isEqualTo(4);
    assertThat(set(published().get(0)).keyDim()).isEqualTo(6);
  }

  /** A topic that holds a record, or that cannot be read. */
  private static final class FullTopic extends OpenTopic {
    private static final long serialVersionUID = 1L;

    private final String head;
    private final byte[] set;

    FullTopic(String head, byte[] set) {
      this.head = head;
      this.set = set;
    }

    @Override
    public void read(Consumer<RawRecord> reader) throws IOException {
      if (set == null) {
        throw new IOException("the brokers do not answer");
      }
      reader.accept(
          new RawRecord(name(), 0, 0, 0, head.getBytes(StandardCharsets.UTF_8), set, Headers.NONE));
    }
  }

  private void restartOn(AnchorsTopic other) throws Exception {
    learner.close();
    topic = other;
    start(null);
  }

  @Test
  void theVersionIsAboveAllVersionsOnTheTopic() throws Exception {
    restartOn(new FullTopic("a", AnchorSetSamples.set(41, DIM + 1, 1).toByteArray()));
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    assertThat(set(published().get(0)).version()).isEqualTo(42);

    byte[] broken = Arrays.copyOf(AnchorSetSamples.set(77, DIM, 1).toByteArray(), 50);
    restartOn(new FullTopic("a", broken));
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    assertThat(set(published().get(0)).version()).isEqualTo(78);

    restartOn(new FullTopic("b", AnchorSetSamples.set(41, DIM, 1).toByteArray()));
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    assertThat(set(published().get(0)).version()).isEqualTo(1);
  }

  @Test
  void nothingIsPublishedWithoutAFreeVersion() throws Exception {
    for (byte[] set :
        new byte[][] {null, AnchorSetSamples.set(Integer.MAX_VALUE, DIM + 1, 1).toByteArray()}) {
      restartOn(new FullTopic("a", set));
      sample("a", SIZES.queries(), SIZES.keys());
      while (failed() == 0) {
        someTime();
      }
      assertThat(published()).isEmpty();
      assertThat(learner.extractOutputValues()).isEmpty();
    }
  }

  private long failed() {
    return OperatorMetrics.of(Counter.class, learner, "anchorSetsFailed").getCount();
  }

  /** Such a set is from before the head was declared, so the learner did not receive it. */
  @Test
  void aSetOnTheTopicIsNotReplaced() throws Exception {
    restartOn(new FullTopic("a", AnchorSetSamples.set(3, DIM, 1).toByteArray()));
    for (int tries = 0; tries < 2; tries++) {
      sample("a", SIZES.queries(), SIZES.keys());
      for (int i = 0; i < 20; i++) {
        someTime();
      }
    }
    assertThat(published()).isEmpty();
    assertThat(failed()).isZero();

    // If the set is removed and the head needs another one, the next version is above it.
    keyDim = 6;
    topic = new OpenTopic();
    restart();
    sample("a", SIZES.queries(), SIZES.keys());
    untilPublished();
    assertThat(set(published().get(0)).version()).isEqualTo(4);
  }

  private void sampleOf(long sequence, int count, float first) throws Exception {
    for (int i = 0; i < count; i++) {
      for (boolean query : new boolean[] {true, false}) {
        float[] vector = vector();
        vector[0] = query ? first : vector[0];
        learner.processElement2(new Sample("a", query, vector, sequence), 0);
      }
    }
  }

  /** Returns how many anchors begin with this number. */
  private int anchorsOf(float first) {
    float[] anchors = set(published().get(0)).anchors();
    int found = 0;
    for (int i = 0; i < anchors.length; i += DIM) {
      found += anchors[i] == first ? 1 : 0;
    }
    return found;
  }

  @Test
  void oneSequenceKeepsOnlyItsShareWhenOthersCome() throws Exception {
    learner.close();
    count = 64;
    start(null);
    sampleOf(1, 2_000, 0.25f);
    someTime();
    assertThat(published()).isEmpty();
    for (int other = 2; other < 40; other++) {
      sampleOf(other, 40, 0.01f * other);
    }
    untilPublished();
    assertThat(anchorsOf(0.25f)).isLessThanOrEqualTo(26);
  }

  @Test
  void aHeadWithOneSequenceGetsItsSetAfterAWait() throws Exception {
    sampleOf(1, SIZES.keys(), 0.25f);
    someTime();
    assertThat(published()).isEmpty();
    pass(LearnerSchedule.FEW_SEQUENCES_WAIT);
    untilPublished();
    assertThat(published()).hasSize(1);
  }

  /** Sends vectors of a head, most of whose variance is in every eighth coordinate. */
  private void wideSample(int count, double others) throws Exception {
    for (int i = 0; i < count; i++) {
      for (boolean query : new boolean[] {true, false}) {
        float[] vector = vector();
        for (int c = 0; c < keyDim; c++) {
          vector[c] *= (float) (c % 8 == 5 ? 1 : others);
        }
        learner.processElement2(new Sample("a", query, vector, 1 + i % 10), 0);
      }
    }
  }

  private long lossy() {
    return OperatorMetrics.of(Counter.class, learner, "anchorSetsLossy").getCount();
  }

  @Test
  void theSetOfWideKeysHasColumns() throws Exception {
    learner.close();
    keyDim = 32;
    wide = new WideKeys(4, 0.9);
    start(null);
    random.setSeed(31);
    wideSample(SIZES.keys(), 0.05);
    untilPublished();

    AnchorSet set = set(published().get(0));
    assertThat(set.keyDim()).isEqualTo(4);
    assertThat(set.fullDim()).isEqualTo(32);
    assertThat(set.count()).isEqualTo(COUNT);
    assertThat(set.columns().orElseThrow().coordinates()).containsExactly(5, 13, 21, 29);
    assertThat(set.columns().orElseThrow().keptVariance()).isGreaterThan(0.95);
    assertThat(lossy()).isZero();

    // The same samples make the same set, after a restart in their midst too.
    learner.close();
    start(null);
    random.setSeed(31);
    wideSample(SIZES.keys() / 2, 0.05);
    restart();
    wideSample(SIZES.keys() - SIZES.keys() / 2, 0.05);
    untilPublished();
    assertThat(published().get(0).value()).isEqualTo(set.toByteArray());
    fromTopic("a", set);
    restart();
    wideSample(SIZES.keys(), 0.05);
    someTime();
    assertThat(published()).isEmpty();
  }

  /** It tries again: later samples may vary otherwise. */
  @Test
  void columnsThatLoseTooMuchMakeNoSet() throws Exception {
    learner.close();
    keyDim = 32;
    wide = new WideKeys(4, 0.9);
    start(null);
    wideSample(SIZES.keys(), 1);
    while (lossy() == 0) {
      someTime();
    }
    assertThat(published()).isEmpty();
    assertThat(learner.extractOutputValues()).isEmpty();
    pass(PATIENCE);
    while (lossy() == 1) {
      someTime();
    }
    assertThat(failed()).isZero();

    // A smaller share is enough.
    wide = new WideKeys(4, 0.01);
    restart();
    pass(PATIENCE.multipliedBy(2));
    untilPublished();
    assertThat(set(published().get(0)).columns().orElseThrow().keptVariance()).isLessThan(0.5);
  }

  /** A set without columns does not suit a head that gets columns later. */
  @Test
  void columnsStartOver() throws Exception {
    learner.close();
    keyDim = 32;
    start(null);
    fromTopic("a", AnchorSetSamples.set(3, keyDim, 1));
    wideSample(SIZES.keys(), 0.05);
    someTime();
    assertThat(published()).isEmpty();
    wide = new WideKeys(4, 0.9);
    restart();
    wideSample(SIZES.keys(), 0.05);
    untilPublished();
    assertThat(set(published().get(0)).version()).isEqualTo(4);
    assertThat(set(published().get(0)).columns()).isPresent();
  }
}
