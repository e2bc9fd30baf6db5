package dev.onepass.sketch.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.QueryBlock;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InterpolationTest {

  private static final AnchorSet SET = TestSets.inABall(3);
  private static final int COUNT = SET.count();

  private final Random random = new Random(77);

  /** Three columns that are smooth over the queries. */
  private static double[] smooth(float[] queries, int count) {
    double[] known = new double[count * 3];
    for (int r = 0; r < count; r++) {
      double a = queries[r * 3];
      double b = queries[r * 3 + 1];
      double c = queries[r * 3 + 2];
      known[r * 3] = Math.sin(a + b);
      known[r * 3 + 1] = a * b - c;
      known[r * 3 + 2] = Math.exp(0.3 * c);
    }
    return known;
  }

  private Interpolation interpolation() {
    return new Interpolation(SET, 0, COUNT, smooth(SET.anchors(), COUNT), 3);
  }

  @Test
  void oneAnchorCannotTellHowWrongItIs() {
    Interpolation lonely = new Interpolation(SET, 0, 1, new double[3], 3);

    Interpolation.Estimate estimate =
        lonely.at(new QueryBlock(TestSets.ball(random, 1, 3, 1), 1, 3, 1))[0];

    assertThat(estimate.outputError()).isNaN();
    assertThat(estimate.logDenError()).isNaN();
  }

  @Test
  void oneByOneIsAllAtOnce() {
    float[] queries = TestSets.ball(random, 12, 3, 1.2);
    Interpolation.Estimate[] many = interpolation().at(new QueryBlock(queries, 12, 3, 1));
    Interpolation single = interpolation();
    for (int q = 0; q < 12; q++) {
      float[] one = {queries[q * 3], queries[q * 3 + 1], queries[q * 3 + 2]};
      Interpolation.Estimate alone = single.at(new QueryBlock(one, 1, 3, 1))[0];
      assertThat(alone.columns()).containsExactly(many[q].columns(), within(1e-6));
      assertThat(alone.guess()).isEqualTo(many[q].guess());
      assertThat(alone.outputError()).isEqualTo(many[q].outputError());
      assertThat(alone.logDenError()).isEqualTo(many[q].logDenError());
    }
  }

  @Test
  void knownAtTheAnchorsAndNearlySoBetween() {
    double[] known = smooth(SET.anchors(), COUNT);
    Interpolation interpolation = interpolation();
    Interpolation.Estimate[] at = interpolation.at(new QueryBlock(SET.anchors(), COUNT, 3, 1));
    for (int r = 0; r < COUNT; r++) {
      for (int c = 0; c < 3; c++) {
        assertThat(at[r].columns()[c]).isCloseTo(known[r * 3 + c], within(0.01));
      }
    }
    float[] queries = TestSets.ball(random, 50, 3, 0.9);
    double[] truth = smooth(queries, 50);
    Interpolation.Estimate[] between = interpolation.at(new QueryBlock(queries, 50, 3, 1));
    for (int q = 0; q < 50; q++) {
      for (int c = 0; c < 3; c++) {
        assertThat(between[q].columns()[c]).isCloseTo(truth[q * 3 + c], within(0.1));
      }
    }
  }

  @Test
  void theScaleIsMultipliedIn() {
    float[] queries = TestSets.ball(random, 5, 3, 1);
    float[] doubled = queries.clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2;
    }
    Interpolation.Estimate[] scaled = interpolation().at(new QueryBlock(doubled, 5, 3, 0.5));
    Interpolation.Estimate[] plain = interpolation().at(new QueryBlock(queries, 5, 3, 1));
    for (int q = 0; q < 5; q++) {
      assertThat(scaled[q].columns()).containsExactly(plain[q].columns());
    }
  }
}
