// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.StateLayout;
import dev.onepass.sketch.sequence.TokenOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that bytes which released versions wrote remain readable and give the same answers. */
class GoldenFilesTest {

  private static final String FORMAT_1 = "/golden/format1/";

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = GoldenFilesTest.class.getResourceAsStream(FORMAT_1 + name)) {
      return in.readAllBytes();
    }
  }

  private static List<String[]> answers() throws IOException {
    return new String(bytes(GoldenFiles.ANSWERS), StandardCharsets.UTF_8)
        .lines()
        .skip(1)
        .map(line -> line.split(","))
        .toList();
  }

  static Stream<String> sketches() throws IOException {
    return answers().stream().map(fields -> fields[0]).distinct();
  }

  static Stream<String> sketchesWithTokens() throws IOException {
    return sketches().filter(file -> !file.endsWith("-n0.bin"));
  }

  @Test
  void thereAreAHundredAndThirtySketches() throws IOException {
    assertThat(sketches()).hasSize(130);
  }

  private static AnchorSets anchorSets() throws IOException {
    return GoldenFiles.anchorSets(version -> bytes("anchor-set-%d.bin".formatted(version)));
  }

  @Test
  void anchorSetsKeepTheirBytes() throws IOException {
    int[] versions = {GoldenFiles.ANCHORS_ALONE, GoldenFiles.CLUSTERS_TOO, GoldenFiles.FORMAT_2};
    for (int version : versions) {
      AnchorSet set = anchorSets().version(version).orElseThrow();
      // Format 1 is read, and written as format 2.
      AnchorSet again = AnchorSet.fromByteArray(set.toByteArray());
      assertThat(again.toByteArray()).isEqualTo(set.toByteArray());
      boolean isFormat2 = version == GoldenFiles.FORMAT_2;
      assertThat(Arrays.equals(set.toByteArray(), bytes("anchor-set-%d.bin".formatted(version))))
          .isEqualTo(isFormat2);
      assertThat(set.keyDim()).isEqualTo(2);
      assertThat(set.count()).isEqualTo(64);
      assertThat(set.clusterShare()).isEqualTo(version == GoldenFiles.CLUSTERS_TOO ? 0.5 : 0);
    }
  }

  @ParameterizedTest
  @MethodSource("sketches")
  void storedSketchesKeepTheirAnswersAndBytes(String file) throws IOException {
    byte[] bytes = bytes(file);
    AttentionSketch sketch = SketchFamilies.heapify(bytes, anchorSets());
    QueryBlock queries = GoldenFiles.queries();
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (String[] fields : answers()) {
      if (!fields[0].equals(file)) {
        continue;
      }
      int q = Integer.parseInt(fields[1]);
      assertThat(sketch.tokenCount()).isEqualTo(Long.parseLong(fields[2]));
      // exp and log may differ by a unit in the last place between machines: 1e-12 of sums of them.
      // Anchors and clusters answer in floats, which other kernels may round differently.
      boolean inFloats =
          sketch.anchorsVersion() > 0
              || !sketch.family().name().matches("exact|polynomial|onepass|ridge");
      double tolerance = inFloats ? 1e-5 : 1e-12;
      assertSame(sums.logNormalizer(q), Double.parseDouble(fields[3]), tolerance);
      assertSame(sums.output(q, 0), Double.parseDouble(fields[4]), tolerance);
    }
    assertThat(sketch.toByteArray()).isEqualTo(bytes);
  }

  /** Sketches that a released version wrote accept more tokens and then have the present format. */
  @ParameterizedTest
  @ValueSource(strings = {"cluster-n1000", "cluster-few-n1000", "hybrid-set-clusters-n1000"})
  void clustersOfFormat1TakeMoreTokens(String name) throws IOException {
    byte[] bytes = bytes(name + ".bin");
    AttentionSketch sketch = SketchFamilies.heapify(bytes, anchorSets());
    AttentionSketch again = SketchFamilies.heapify(bytes, anchorSets());
    TokenBlock all = GoldenFiles.tokens(4000);
    for (int from = 1000; from < 4000; from += 50) {
      sketch.update(all.slice(from, from + 50));
      again.update(all.slice(from, from + 50));
      again = SketchFamilies.heapify(again.toByteArray(), anchorSets());
      assertThat(again.toByteArray()).isEqualTo(sketch.toByteArray());
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(Math.max(bytes.length, 1 << 13));
    }
    assertThat(sketch.tokenCount()).isEqualTo(4000);
    ExactAttention.Result truth = Streams.oracle(all, GoldenFiles.queries());
    double[] outputs = Streams.outputs(Streams.sums(sketch, GoldenFiles.queries()), 1);
    for (int q = 0; q < outputs.length; q++) {
      assertThat(outputs[q]).isCloseTo(truth.outputs()[q], within(0.05));
    }
  }

  private static void assertSame(double actual, double expected, double tolerance) {
    if (Double.isFinite(expected)) {
      assertThat(actual).isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
    } else {
      assertThat(Double.valueOf(actual)).isEqualTo(Double.valueOf(expected));
    }
  }

  /** The stored answers are right, too: 1 % in exp is 2 % of max|v| = 4; exact ones are exact. */
  @ParameterizedTest
  @MethodSource("sketchesWithTokens")
  void theStoredAnswersAreNearTheTruth(String file) throws IOException {
    int n = Integer.parseInt(file.replaceAll(".*-n(\\d+).bin", "$1"));
    TokenBlock tokens =
        file.contains("-weights-") ? GoldenFiles.weightedTokens(n) : GoldenFiles.tokens(n);
    ExactAttention.Result truth = Streams.oracle(tokens, GoldenFiles.queries());
    // Psi adds noise of about |V| sqrt(2 / (m2 n)) e^2, 0.7 here; three times that is allowed.
    double tolerance =
        file.startsWith("exact")
            // Biases relative to another exponent are rounded to floats.
            ? file.contains("-weights-") ? 1e-6 : 1e-12
            : file.startsWith("onepass-paper") ? 2 : 2 * 0.01 / 0.99 * 4;
    for (String[] fields : answers()) {
      if (fields[0].equals(file)) {
        int q = Integer.parseInt(fields[1]);
        assertThat(Double.parseDouble(fields[4])).isCloseTo(truth.outputs()[q], within(tolerance));
      }
    }
  }

  static Stream<String> querySketches() throws IOException {
    return new String(bytes(GoldenFiles.RECOVERIES), StandardCharsets.UTF_8).lines().skip(1);
  }

  @ParameterizedTest
  @MethodSource("querySketches")
  void storedQuerySketchesKeepTheirRecoveryAndBytes(String line) throws IOException {
    String[] fields = line.split(",");
    byte[] bytes = bytes(fields[0]);
    QuerySketch sketch = SketchFamilies.heapifyQueries(bytes);
    assertThat(sketch.toByteArray()).isEqualTo(bytes);
    String[] actual = GoldenFiles.recovery(fields[0], sketch).trim().split(",");
    assertThat(actual).hasSameSizeAs(fields);
    assertThat(actual[1]).isEqualTo(fields[1]);
    assertSame(Double.parseDouble(actual[2]), Double.parseDouble(fields[2]), 1e-12);
    for (int i = 3; i < fields.length; i += 2) {
      assertThat(actual[i]).isEqualTo(fields[i]);
      float value = Float.parseFloat(fields[i + 1]);
      assertThat(Float.parseFloat(actual[i + 1])).isCloseTo(value, within(1e-6f * Math.abs(value)));
    }
  }

  @Test
  void aNewHeaderReads() throws IOException {
    byte[] bytes = bytes("header-new.bin");
    Header header = Header.fromByteArray(bytes);
    assertThat(header.toByteArray()).isEqualTo(bytes);
    assertLayoutOfVersion3(header.layout());
    assertThat(header.tokens()).isZero();
    assertThat(header.isExact()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 500})
  void headersOfSequencesRead(int n) throws IOException {
    byte[] bytes = bytes("header-n%d.bin".formatted(n));
    Header header = Header.fromByteArray(bytes);
    assertThat(header.toByteArray()).isEqualTo(bytes);
    assertThat(header.origin()).isEqualTo(new TokenOrigin(3, 2, n));
    assertThat(header.isIncomplete()).isEqualTo(n == 500);
    assertLayoutOfVersion3(header.layout());
    assertThat(header.accepted()).isEqualTo(n);
    assertThat(header.tokens()).isEqualTo(n - 1);
    assertThat(header.lastPosition()).isEqualTo(3L * n - 3);
    assertThat(header.duplicates()).isEqualTo(1);
    assertThat(header.isExact()).isEqualTo(n == 50);
    // 500 tokens leave 4 pending, and their retraction; the sketch has 28 features.
    assertThat(header.pending()).isEqualTo(n == 50 ? 49 : 5);
  }

  /** The layout of a sequence with dimensions 2, 1, state size 4096 and cut size 16. */
  private static void assertLayoutOfVersion3(StateLayout layout) {
    assertThat(layout.tokenBytes()).isEqualTo(6 + 4 * 3);
    assertThat(layout.cutSize()).isEqualTo(16);
    assertThat(layout.exactTokens()).isEqualTo((4096 - 110) / 18);
    assertThat(layout.sketchBytes()).isEqualTo(4096 - 96 - 16 * 18);
    assertThat(layout.reservedBytes()).isEqualTo(110);
  }
}
