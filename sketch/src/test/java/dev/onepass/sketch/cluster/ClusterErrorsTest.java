// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The errors that clusters state, compared with the true ones. */
class ClusterErrorsTest {

  private static final int D = 8;
  private static final int DV = 6;
  private static final int QUERIES = 400;
  private static final int CUT = 64;

  private final Random random = new Random(21);

  /** Keys about centres that drift, and values that are a smooth function of keys. */
  private TokenBlock drifting(int n, double drift) {
    double[][] waves = new double[DV][D];
    for (double[] wave : waves) {
      for (int i = 0; i < D; i++) {
        wave[i] = random.nextGaussian();
      }
    }
    float[][] centres = new float[12][];
    Arrays.setAll(centres, g -> Streams.vector(random, D, 1.2));
    float[] way = Streams.vector(random, D, drift);
    TokenBlock tokens = new TokenBlock(D, DV, n);
    for (int j = 0; j < n; j++) {
      float[] key = Streams.vector(random, D, 0.4);
      float[] centre = centres[random.nextInt(centres.length)];
      for (int i = 0; i < D; i++) {
        key[i] += centre[i] + way[i] * j / n;
      }
      float[] value = Streams.vector(random, DV, 0.2);
      for (int c = 0; c < DV; c++) {
        value[c] += (float) Math.sin(0.6 * dot(waves[c], key) + c);
      }
      tokens.append(key, value, 1);
    }
    return tokens;
  }

  private static double dot(double[] wave, float[] key) {
    double dot = 0;
    for (int i = 0; i < D; i++) {
      dot += wave[i] * key[i];
    }
    return dot;
  }

  private static ClusterSketch folded(TokenBlock tokens, int bytes) {
    ClusterSketch sketch =
        (ClusterSketch)
            ClusterFamily.INSTANCE.begin(
                new SketchConfig(D, DV, bytes, 0, Map.of()),
                new TokenBlock(D, DV, 0),
                AnchorSets.NONE);
    for (int from = 0; from < tokens.count(); from += CUT) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + CUT)));
    }
    return sketch;
  }

  private static void assertHonest(ClusterSketch sketch, TokenBlock tokens, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    double[] exact = truth.outputs();
    double[] outputs = Streams.outputs(sums, DV);
    double[] missed = new double[QUERIES];
    double[] stated = new double[QUERIES];
    int held = 0;
    int logHeld = 0;
    for (int q = 0; q < QUERIES; q++) {
      missed[q] = Streams.distance(row(outputs, q), row(exact, q), DV);
      stated[q] = sums.error(q);
      held += missed[q] <= stated[q] ? 1 : 0;
      double off = Math.abs(sums.logNormalizer(q) - truth.logNormalizers()[q]);
      logHeld += off <= sums.logNormalizerError(q) ? 1 : 0;
    }
    assertThat(held).as("outputs within their bound").isGreaterThan(QUERIES * 85 / 100);
    assertThat(logHeld).as("log-normalizers within theirs").isGreaterThan(QUERIES * 85 / 100);
    assertThat(median(stated)).isLessThan(4 * median(missed));
    assertThat(correlation(ranks(stated), ranks(missed))).isGreaterThan(0.3);
  }

  private static double[] row(double[] rows, int q) {
    return Arrays.copyOfRange(rows, q * DV, (q + 1) * DV);
  }

  private static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double[] ranks(double[] numbers) {
    double[] ranks = new double[numbers.length];
    int[] order =
        IntStream.range(0, numbers.length)
            .boxed()
            .sorted((a, b) -> Double.compare(numbers[a], numbers[b]))
            .mapToInt(i -> i)
            .toArray();
    for (int r = 0; r < order.length; r++) {
      ranks[order[r]] = r;
    }
    return ranks;
  }

  private static double correlation(double[] a, double[] b) {
    double middle = (a.length - 1) / 2.0;
    double both = 0;
    double square = 0;
    for (int i = 0; i < a.length; i++) {
      both += (a[i] - middle) * (b[i] - middle);
      square += (a[i] - middle) * (a[i] - middle);
    }
    return both / square;
  }

  /** Queries whose logits deviate by little or by much within clusters, as their norms do. */
  private QueryBlock queries() {
    float[] vectors = new float[QUERIES * D];
    for (int q = 0; q < QUERIES; q++) {
      float[] vector = Streams.vector(random, D, 0.2 + random.nextDouble());
      System.arraycopy(vector, 0, vectors, q * D, D);
    }
    return new QueryBlock(vectors, QUERIES, D, 1);
  }

  @ParameterizedTest(name = "drift {0}, {1} tokens, {2} bytes")
  @CsvSource({"0,4000,1500", "0,4000,6000", "3,4000,1500", "3,4000,6000", "3,400,3000"})
  void boundsHoldForNineAnswersInTen(double drift, int n, int bytes) {
    TokenBlock tokens = drifting(n, drift);
    assertHonest(folded(tokens, bytes), tokens, queries());
  }

  @Test
  void boundsHoldAfterAMergeAndAfterShrinking() {
    TokenBlock tokens = drifting(4000, 2);
    ClusterSketch sketch = folded(tokens.slice(0, 1500), 6000);
    sketch.merge(folded(tokens.slice(1500, 4000), 6000));
    QueryBlock queries = queries();
    assertHonest(sketch, tokens, queries);
    double before = statedIn(sketch, queries);
    assertThat(sketch.shrink(3000)).isTrue();
    assertHonest(sketch, tokens, queries);
    assertThat(statedIn(sketch, queries)).isGreaterThan(before);
  }

  @Test
  void boundsHoldWithDecay() {
    TokenBlock tokens = drifting(4000, 2);
    TokenBlock decayed = Streams.decayed(tokens, 500);
    assertHonest(folded(decayed, 6000), decayed, queries());
  }

  private static double statedIn(ClusterSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    return IntStream.range(0, QUERIES).mapToDouble(sums::error).sum();
  }

  /** What remains is the rounding to 16 bits a number. */
  @Test
  void clustersOfOneKeyEachStateTheirRounding() {
    TokenBlock keys = drifting(200, 0);
    TokenBlock tokens = Streams.concat(keys, Streams.concat(keys, keys));
    ClusterSketch sketch = folded(tokens, 20_000);
    assertThat(sketch.clusters.count).isEqualTo(200);
    QueryBlock queries = queries();
    SoftmaxSum sums = Streams.sums(sketch, queries);
    double[] exact = Streams.oracle(tokens, queries).outputs();
    double[] outputs = Streams.outputs(sums, DV);
    int held = 0;
    for (int q = 0; q < QUERIES; q++) {
      assertThat(sums.error(q)).isBetween(0.0, 1e-3);
      assertThat(sums.logNormalizerError(q)).isZero();
      held += Streams.distance(row(outputs, q), row(exact, q), DV) <= sums.error(q) ? 1 : 0;
    }
    assertThat(held).isGreaterThan(QUERIES * 85 / 100);
  }

  @Test
  void theSameBytesStateTheSameErrors() {
    TokenBlock tokens = drifting(2000, 1);
    ClusterSketch sketch = folded(tokens, 3000);
    WireReader in = new WireReader(sketch.toByteArray());
    ClusterSketch read = ClusterSketch.read(Preamble.read(in), in);
    QueryBlock queries = queries();
    SoftmaxSum sums = Streams.sums(sketch, queries);
    SoftmaxSum again = Streams.sums(read, queries);
    for (int q = 0; q < QUERIES; q++) {
      assertThat(again.error(q)).isEqualTo(sums.error(q));
      assertThat(again.logNormalizerError(q)).isEqualTo(sums.logNormalizerError(q));
    }
  }
}
