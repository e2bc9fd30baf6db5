// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.HostileBytes;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSketchTest {

  private final Random random = new Random(6);

  private static SketchConfig config(int d, int dv, int bytes) {
    return new SketchConfig(d, dv, bytes, 0, Map.of());
  }

  private static ClusterSketch empty(int d, int dv, int bytes) {
    return (ClusterSketch)
        ClusterFamily.INSTANCE.begin(
            config(d, dv, bytes), new TokenBlock(d, dv, 0), AnchorSets.NONE);
  }

  private static ClusterSketch folded(TokenBlock tokens, int bytes, int cut) {
    ClusterSketch sketch = empty(tokens.keyDim(), tokens.valueDim(), bytes);
    for (int from = 0; from < tokens.count(); from += cut) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + cut)));
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(bytes);
    }
    return sketch;
  }

  /** Keys around some centres, and values that are linear in them plus noise. */
  private TokenBlock grouped(int n, int d, int dv, int groups, double width) {
    Random law = new Random(99);
    float[][] centres = new float[groups][];
    for (int g = 0; g < groups; g++) {
      centres[g] = Streams.vector(law, d, 2);
    }
    TokenBlock tokens = new TokenBlock(d, dv, n);
    for (int j = 0; j < n; j++) {
      float[] key = Streams.vector(random, d, width);
      float[] centre = centres[random.nextInt(groups)];
      for (int i = 0; i < d; i++) {
        key[i] += centre[i];
      }
      float[] value = Streams.vector(random, dv, 0.3);
      for (int c = 0; c < dv; c++) {
        value[c] += key[c % d];
      }
      tokens.append(key, value, 1);
    }
    return tokens;
  }

  /** Exact except for the rounding to 16 bits a number: 2^-16 of a row's largest number. */
  @Test
  void exactToSixteenBitsWhileEveryKeyHasItsCluster() {
    TokenBlock tokens = Streams.gaussian(random, 500, 4, 3, 1);
    ClusterSketch sketch = folded(tokens, 1 << 15, 64);
    assertThat(sketch.clusters.count).isEqualTo(500);
    QueryBlock queries = Streams.queries(random, 20, 4, 3, 1);
    assertThat(Streams.relF(sketch, tokens, queries)).isLessThan(2e-4);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    for (int q = 0; q < 20; q++) {
      assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizers()[q], within(2e-4));
    }
  }

  /** Repeated items remain exact to 16 bits, with mean values. */
  @Test
  void repeatedKeysShareAClusterAndStayExact() {
    TokenBlock items = Streams.gaussian(random, 100, 8, 2, 2);
    TokenBlock tokens = new TokenBlock(8, 2, 0);
    for (int j = 0; j < 20_000; j++) {
      int item = random.nextInt(100);
      tokens.append(
          Arrays.copyOfRange(items.keys(), item * 8, item * 8 + 8),
          Streams.vector(random, 2, 1),
          1);
    }
    ClusterSketch sketch = folded(tokens, 1 << 13, 100);
    assertThat(sketch.clusters.count).isEqualTo(100);
    assertThat(Streams.relF(sketch, tokens, Streams.queries(random, 20, 8, 3, 1))).isLessThan(1e-3);
  }

  /** Unions preserve counts, sums of keys and values, and scatter. */
  @ParameterizedTest
  @ValueSource(ints = {1, 37, 256, 1000})
  void sumsAreThoseOfAllTokens(int cut) {
    TokenBlock tokens = grouped(5000, 4, 3, 6, 1);
    ClusterSketch sketch = folded(tokens, 4096, cut);
    Clusters clusters = sketch.clusters;
    assertThat(clusters.count).isEqualTo(sketch.sizes.capacity()).isLessThan(150);
    double count = 0;
    double[] keys = new double[4];
    double[] values = new double[3];
    double squares = 0;
    for (int a = 0; a < clusters.count; a++) {
      count += clusters.masses[a];
      double square = clusters.spread[a];
      for (int i = 0; i < 4; i++) {
        double x = clusters.keys[a * 4 + i];
        keys[i] += clusters.masses[a] * x / 5000;
        square += x * x;
      }
      for (int c = 0; c < 3; c++) {
        values[c] += clusters.masses[a] * clusters.values[a * 3 + c] / 5000;
      }
      squares += clusters.masses[a] * square / 5000;
    }
    assertThat(count).isEqualTo(5000);
    assertThat(sketch.tokenCount()).isEqualTo(5000);
    double expectedSquares = 0;
    for (int i = 0; i < 4; i++) {
      double mean = 0;
      for (int j = 0; j < 5000; j++) {
        double x = tokens.keys()[j * 4 + i];
        mean += x / 5000;
        expectedSquares += x * x / 5000;
      }
      assertThat(keys[i]).isCloseTo(mean, within(1e-3));
    }
    assertThat(squares).isCloseTo(expectedSquares, within(1e-3 * expectedSquares));
    for (int c = 0; c < 3; c++) {
      double mean = 0;
      for (int j = 0; j < 5000; j++) {
        mean += tokens.values()[j * 3 + c] / 5000.0;
      }
      assertThat(values[c]).isCloseTo(mean, within(1e-3));
    }
  }

  /** With 30 tight groups in 60 clusters, a cluster mixes only tokens of one group. */
  @Test
  void tightGroupsAreFoundAlsoWhenNewOnesAppear() {
    TokenBlock tokens = grouped(6000, 8, 4, 30, 0.1);
    TokenBlock far = grouped(6000, 8, 4, 30, 0.1);
    for (int e = 0; e < 6000 * 8; e++) {
      far.keys()[e] = -far.keys()[e];
    }
    TokenBlock both = Streams.concat(tokens, far);
    // There are 60 groups; the second 30 appear after half of the stream.
    ClusterSketch sketch = folded(both, 4200, 256);
    assertThat(sketch.sizes.capacity()).isBetween(70, 110);
    QueryBlock queries = Streams.queries(random, 40, 8, 1.5, 1);
    assertThat(Streams.relF(sketch, both, queries)).isLessThan(0.02);
  }

  /** Sinks in one run or spread over the stream, early or late, have their own cluster. */
  @ParameterizedTest
  @CsvSource({"0,1,3", "4000,1,3", "100,30,3", "0,1,0.75", "4000,1,0.75", "5,30,0.75"})
  void sinksAreNeverMixed(int first, int step, float size) {
    int d = 8;
    TokenBlock ordinary = Streams.gaussian(random, 20_000, d, 3, 0.5);
    float[] sink = new float[d];
    Arrays.fill(sink, size);
    TokenBlock tokens = new TokenBlock(d, 3, 0);
    int sinks = 0;
    for (int j = 0; j < 20_000; j++) {
      if (j >= first && (j - first) % step == 0 && sinks < 256) {
        tokens.append(sink, new float[] {5, 5, 5}, 1);
        sinks++;
      }
      tokens.append(ordinary, j);
    }
    ClusterSketch sketch = folded(tokens, 6000, 256);
    Clusters clusters = sketch.clusters;
    assertThat(clusters.count).isLessThan(170);
    int found = 0;
    for (int a = 0; a < clusters.count; a++) {
      if (Arrays.equals(sink, Arrays.copyOfRange(clusters.keys, a * d, a * d + d))) {
        assertThat(clusters.masses[a]).isEqualTo(256);
        assertThat(clusters.isPure(a)).isTrue();
        found++;
      }
    }
    assertThat(found).isEqualTo(1);
    // A query along the sink gives it nearly all weight.
    float[] vectors = new float[d];
    Arrays.fill(vectors, 2 / size);
    assertThat(Streams.relF(sketch, tokens, new QueryBlock(vectors, 1, d, 1))).isLessThan(0.02);
  }

  /** A repeated key in the midst of all others, whose tokens are nearest to it. */
  @Test
  void aSinkAmongOrdinaryKeysIsNotMixed() {
    TokenBlock tokens = new TokenBlock(2, 1, 0);
    for (int j = 0; j < 20_000; j++) {
      tokens.append(Streams.vector(random, 2, 1), Streams.vector(random, 1, 1), 1);
      if (j < 256) {
        tokens.append(new float[2], new float[] {5}, 1);
      }
    }
    Clusters clusters = folded(tokens, 1000, 256).clusters;
    assertThat(clusters.count).isLessThan(50);
    double sinks = 0;
    for (int a = 0; a < clusters.count; a++) {
      if (clusters.keys[2 * a] == 0 && clusters.keys[2 * a + 1] == 0 && clusters.isPure(a)) {
        sinks += clusters.masses[a];
      }
    }
    assertThat(sinks).isEqualTo(256);
  }

  /** Answers need the slope if values depend on keys: 1 group, 16 clusters. */
  @Test
  void withinAClusterValuesDependOnKeys() {
    TokenBlock tokens = grouped(20_000, 4, 4, 1, 0.6);
    ClusterSketch sketch = folded(tokens, 1 << 11, 256);
    assertThat(sketch.sizes.slope()).isTrue();
    QueryBlock queries = Streams.queries(random, 40, 4, 1, 1);
    assertThat(Streams.relF(sketch, tokens, queries)).isLessThan(0.02);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    for (int q = 0; q < 40; q++) {
      assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizers()[q], within(0.01));
    }
  }

  /**
   * Ten million tokens enter one cluster, one by one. A mean that is rounded to nearest would stop
   * moving after some thousand tokens. With random rounding, keys of deviation 0.29 in units of
   * 2^-15 deviate by sqrt(0.29 2^15 / 2) = 69 units, 0.0021. Four times that is allowed.
   */
  @Test
  void meansOfTenMillionTokensStayRight() {
    Clusters clusters = new Clusters(1, 1, 2);
    Within within = new Within(new Sizes(1, 1, 2, true, true, false, false));
    TokenBlock token = new TokenBlock(1, 1, 2);
    token.append(new float[] {0.3f}, new float[] {-0.7f}, 1);
    token.append(new float[] {0.3f}, new float[] {-0.7f}, 1);
    clusters.append(token, 0, 1);
    double sum = 0.3f;
    double squares = sum * sum;
    int n = 10_000_000;
    for (int j = 1; j < n; j++) {
      float key = random.nextFloat();
      token.keys()[0] = key;
      token.values()[0] = 2 * key;
      clusters.append(token, 0, 1);
      clusters.absorb(0, 1, within, j);
      clusters.count = 1;
      sum += key;
      squares += (double) key * key;
      if (j % 256 == 0) {
        within.settle(j);
      }
    }
    within.settle(n);
    double mean = sum / n;
    double variance = squares / n - mean * mean;
    assertThat(clusters.masses[0]).isEqualTo(n);
    assertThat(clusters.keys[0]).isCloseTo((float) mean, within(0.0085f));
    assertThat(clusters.values[0]).isCloseTo((float) (2 * mean), within(0.017f));
    assertThat(clusters.spread[0]).isCloseTo((float) variance, within(5e-5f));
    assertThat(within.squares(1)[0] / n).isCloseTo((float) variance, within(5e-5f));
  }

  /** Union followed by reduction is as good as one pass, and sums are the same. */
  @Test
  void mergedPartsAnswerLikeTheWhole() {
    TokenBlock a = grouped(8000, 6, 3, 12, 0.4);
    TokenBlock b = grouped(8000, 6, 3, 12, 0.4);
    TokenBlock both = Streams.concat(a, b);
    QueryBlock queries = Streams.queries(random, 60, 6, 1, 1);
    ClusterSketch left = folded(a, 6000, 256);
    ClusterSketch right = folded(b, 6000, 256);
    byte[] before = right.toByteArray();
    left.merge(right);
    assertThat(right.toByteArray()).isEqualTo(before);
    assertThat(left.tokenCount()).isEqualTo(16_000);
    assertThat(left.stateBytes()).isLessThanOrEqualTo(6000);
    double whole = Streams.relF(folded(both, 6000, 256), both, queries);
    assertThat(Streams.relF(left, both, queries)).isLessThan(1.5 * whole + 0.001).isLessThan(0.03);
    left.merge(left);
    assertThat(left.tokenCount()).isEqualTo(32_000);
    assertThat(Streams.relF(left, both, queries)).isLessThan(0.03);
  }

  @Test
  void mergingWithRoomForAllIsFolding() {
    TokenBlock a = Streams.gaussian(random, 60, 3, 2, 1);
    TokenBlock b = Streams.gaussian(random, 60, 3, 2, 1);
    ClusterSketch left = folded(a, 8192, 60);
    left.merge(folded(b, 8192, 60));
    assertThat(left.toByteArray()).isEqualTo(folded(Streams.concat(a, b), 8192, 60).toByteArray());
  }

  private static AttentionSketch read(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    AttentionSketch sketch = ClusterFamily.INSTANCE.heapify(Preamble.read(in), in, AnchorSets.NONE);
    in.expectEnd();
    return sketch;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50, 3000})
  void bytesGoToAnEqualSketchAndBack(int n) {
    TokenBlock tokens = Streams.gaussian(random, n, 5, 3, 1);
    TokenBlock later = Streams.gaussian(random, 300, 5, 3, 1);
    QueryBlock queries = Streams.queries(random, 5, 5, 2, 1);
    ClusterSketch sketch = folded(tokens, 4096, 100);
    AttentionSketch read = read(sketch.toByteArray());
    for (int step = 0; step < 2; step++) {
      assertThat(read.toByteArray()).hasSize(read.stateBytes()).isEqualTo(sketch.toByteArray());
      assertThat(Streams.outputs(Streams.sums(read, queries), 3))
          .isEqualTo(Streams.outputs(Streams.sums(sketch, queries), 3));
      sketch.update(later);
      read.update(later);
    }
  }

  @Test
  void hostileBytesAreRefusedOrWork() {
    byte[] good = folded(Streams.gaussian(random, 300, 3, 2, 1), 2048, 64).toByteArray();
    HostileBytes.assertTruncationsAreRefused(good, ClusterSketchTest::read);
    int worked =
        HostileBytes.useMutations(
            good,
            10_000,
            random,
            ClusterSketchTest::read,
            sketch -> {
              int d = sketch.keyDim();
              sketch.update(Streams.gaussian(random, 20, d, sketch.valueDim(), 1));
              assertFiniteInRange(sketch, Streams.queries(random, 2, d, 1e30, 1));
              return true;
            });
    assertThat(worked).isBetween(1_000, 9_900);
  }

  private static void assertFiniteInRange(AttentionSketch sketch, QueryBlock queries) {
    HostileBytes.assertFiniteInRange(sketch, queries);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.isLost(q)).isFalse();
      assertThat(sums.error(q)).isFinite().isNotNegative();
      assertThat(sums.logNormalizerError(q)).isFinite().isNotNegative();
    }
  }

  /** Reduces keys and values up to the largest float. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-45, 1e-30, 1e18, 1e30, 3e38})
  void magnitudesNeverLeadToNaN(double size) {
    TokenBlock tokens = Streams.gaussian(random, 2000, 3, 2, 1);
    for (int j = 0; j < 2000; j++) {
      float factor = (float) (j % 3 == 0 ? 1 : size);
      for (int i = 0; i < 3; i++) {
        tokens.keys()[j * 3 + i] = bounded(tokens.keys()[j * 3 + i] * factor);
      }
      for (int c = 0; c < 2; c++) {
        tokens.values()[j * 2 + c] = bounded(tokens.values()[j * 2 + c] * factor);
      }
    }
    ClusterSketch sketch = folded(tokens, 2048, 100);
    for (double norm : new double[] {0, 1e-30, 1, 1e30}) {
      assertFiniteInRange(read(sketch.toByteArray()), Streams.queries(random, 5, 3, norm, 1));
    }
  }

  private static float bounded(float x) {
    return Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, x));
  }

  @Test
  void tokensAreNotTakenBack() {
    TokenBlock tokens = Streams.gaussian(random, 30, 2, 1, 1);
    ClusterSketch sketch = folded(tokens, 2048, 30);
    byte[] before = sketch.toByteArray();
    assertThat(ClusterFamily.INSTANCE.canRetract(config(2, 1, 2048), Optional.empty())).isFalse();
    assertThatThrownBy(() -> sketch.update(Streams.retractions(tokens)))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(sketch.toByteArray()).isEqualTo(before);
  }

  @Test
  void incompatibleSketchesAreNotMerged() {
    ClusterSketch sketch = empty(2, 1, 2048);
    for (AttentionSketch other :
        new AttentionSketch[] {
          ExactFamily.INSTANCE.begin(config(2, 1, 2048), new TokenBlock(2, 1, 0), AnchorSets.NONE),
          empty(3, 1, 2048),
          empty(2, 2, 2048),
          empty(2, 1, 4096)
        }) {
      assertThatThrownBy(() -> sketch.merge(other)).isInstanceOf(IncompatibleSketchException.class);
    }
  }

  @Test
  void complaintsAndDescriptionsNameTheBytes() {
    ClusterFamily family = ClusterFamily.INSTANCE;
    // 37 bytes, a range, and two clusters.
    int least = 37 + 8 * 32 + 2 * 2 * (32 + 32 + 7);
    assertThat(family.complaint(config(32, 32, least))).isEmpty();
    assertThat(family.complaint(config(32, 32, least - 1)))
        .get()
        .asString()
        .contains("a state size of about");
    assertThat(family.describe(config(32, 32, least)))
        .contains("2 clusters, no covariance, no slope");
    assertThat(family.describe(config(32, 32, 8192))).contains("no covariance, shared slope");
    assertThat(family.describe(config(32, 32, 1 << 15))).contains("shared covariance");
    assertThat(empty(32, 32, 1 << 15).stateBytes()).isEqualTo(37 + 256 + 32 + 1056 + 32 + 2048);
  }
}
