package dev.onepass.bench.accuracy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.data.Head;
import dev.onepass.bench.data.Planted;
import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.SketchFamilies;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrialTest {
  private static final Head HEAD = Planted.gaussian(5_000, 4, 8, 0.3, Planted.Values.SIGNAL, 7);
  private static TestSet test;

  /** Not while the class is loaded: the other threads that draw would wait for that. */
  @BeforeAll
  static void draw() {
    test = TestSet.draw(HEAD, 200, 7, answered -> {});
  }

  private static Method deployed(String name) {
    return new Deployed(SketchFamilies.byName(name).orElseThrow());
  }

  @Test
  void queriesAreDrawnFromTheEndByTheSeed() {
    AtomicInteger told = new AtomicInteger();
    TestSet again = TestSet.draw(HEAD, 200, 7, told::addAndGet);
    assertThat(told).hasValue(200);
    assertThat(again.queries().vectors()).containsExactly(test.queries().vectors());
    assertThat(again.exact()).isDeepEqualTo(test.exact());
    assertThat(TestSet.draw(HEAD, 200, 8, answered -> {}).queries().vectors())
        .isNotEqualTo(test.queries().vectors());
    List<float[]> late =
        Arrays.asList(rows(Arrays.copyOfRange(HEAD.queries(), 3_800 * 4, 5_000 * 4)));
    List<float[]> asked = Arrays.asList(rows(test.queries().vectors()));
    assertThat(asked).allMatch(q -> late.stream().anyMatch(row -> Arrays.equals(row, q)));
    assertThat(asked.stream().map(Arrays::toString).distinct()).hasSize(200);
  }

  private static float[][] rows(float[] all) {
    float[][] rows = new float[all.length / 4][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, 4 * i, 4 * i + 4);
    }
    return rows;
  }

  @Test
  void nothingIsAskedTwiceWhereTheEndIsShort() {
    assertThat(TestSet.draw(HEAD, 100_000, 7, answered -> {}).exact()).hasNumberOfRows(1_200);
  }

  @Test
  void anExactSequenceIsCoveredAndHasNoError() {
    Score score = Trial.run(deployed("exact"), test, 1 << 20, 7);
    assertThat(score.relF()).isLessThan(1e-6);
    assertThat(score.coverage90()).isEqualTo(1);
    assertThat(score.stateBytes()).isEqualTo(96 + 5_000 * (6 + 4 * 12));
  }

  @Test
  void sketchesAnswerWithinTheirBytes() {
    for (String name : new String[] {"polynomial", "onepass", "ridge"}) {
      Score score = Trial.run(deployed(name), test, 64 << 10, 7);
      assertThat(score.relF()).as(name).isBetween(1e-6, 0.1);
      assertThat(score.median()).as(name).isLessThanOrEqualTo(score.p95());
      assertThat(score.stateBytes()).as(name).isBetween(300L, 64L << 10);
      assertThat(score.foldMicros()).as(name).isPositive();
      assertThat(score.queryMicros()).as(name).isPositive();
    }
  }

  @Test
  void whatDoesNotFitIsSaidByTheFamily() {
    assertThatThrownBy(() -> Trial.run(deployed("exact"), test, 64 << 10, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequence full");
    assertThatThrownBy(() -> Trial.run(deployed("polynomial"), test, 700, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set a larger sketch.state-size");
  }

  @Test
  void scoresAreWhatTheySay() {
    QueryBlock queries = new QueryBlock(new float[3], 3, 1, 1);
    TestSet small = new TestSet(HEAD, queries, new double[][] {{3, 4}, {0, 12}, {0, 0}}, 1);
    float[][] outputs = {{3, 5}, {0, 12}, {0, 0.5f}};
    Method.Answered answered =
        new Method.Answered(outputs, new float[] {0.21f, Float.NaN, Float.NaN});
    Score score = Score.of(small, answered, 10, 2, 3);
    assertThat(score.median()).isCloseTo(0.2, within(1e-12));
    // Against 1e-6 rms|v|: 0.5 is half a million of those.
    assertThat(score.p95()).isCloseTo(450_000, within(1.0));
    assertThat(score.relF()).isCloseTo(Math.sqrt(1.25) / 13, within(1e-12));
    assertThat(score.coverage90()).isEqualTo(1);
    float[] tooSmall = {0.19f, 0, Float.NaN};
    assertThat(Score.of(small, new Method.Answered(outputs, tooSmall), 10, 2, 3).coverage90())
        .isEqualTo(0.5);
    float[] none = {Float.NaN, Float.NaN, Float.NaN};
    assertThat(Score.of(small, new Method.Answered(outputs, none), 10, 2, 3).coverage90()).isNaN();
  }

  @Test
  void severalRunsGiveTheirMean() {
    Score mean =
        Score.mean(
            List.of(
                new Score(10, 1, 2, 3, Double.NaN, 4, 5),
                new Score(30, 3, 4, 5, Double.NaN, 6, 7)));
    assertThat(mean).isEqualTo(new Score(30, 2, 3, 4, Double.NaN, 5, 6));
  }
}
