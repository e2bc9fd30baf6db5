// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import static dev.onepass.datasets.models.EncoderModel.ALL_MINILM_L6_V2;
import static dev.onepass.datasets.models.EncoderModel.BGE_SMALL_ZH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderTest {
  private static final HeadName FLAT = new HeadName(0, 7);
  private static final HeadName SHARP = new HeadName(1, 8);

  @TempDir Path directory;

  @Test
  void countsTheSpecialTokensOfEachWindow() {
    for (int rows : new int[] {1, 2, 3, 511, 512, 513, 515, 1_024, 131_072}) {
      assertThat(Encoder.rowsFrom(Encoder.idsFor(rows))).isGreaterThanOrEqualTo(rows);
    }
    assertThat(Encoder.idsFor(512)).isEqualTo(510);
    assertThat(Encoder.rowsFrom(510)).isEqualTo(512);
    assertThat(Encoder.rowsFrom(0)).isZero();
  }

  @Test
  void givesReproducibleRowsWithTheSpreadOfTheirHead() throws IOException {
    Path text =
        Files.writeString(directory.resolve("text"), "The quick brown fox jumps. ".repeat(200));
    int rows = 900;
    Map<HeadName, HeadRows> first;
    Map<HeadName, HeadRows> second;
    int[] progress = {0};
    try (Encoder encoder = Encoder.load(ALL_MINILM_L6_V2, List.of(SHARP, FLAT))) {
      int[] ids = encoder.tokenize(text, Encoder.idsFor(rows));
      assertThat(ids).hasSize(Encoder.idsFor(rows)).startsWith(1996, 4248, 2829, 4419, 14523);
      first = encoder.rows(ids, rows, done -> progress[0] = done);
      second = encoder.rows(ids, rows, done -> {});
    }

    assertThat(progress[0]).isEqualTo(rows);
    assertThat(first).containsOnlyKeys(SHARP, FLAT);
    for (HeadName head : List.of(SHARP, FLAT)) {
      HeadRows one = first.get(head);
      assertThat(one.rows()).isEqualTo(rows);
      assertThat(one.dim()).isEqualTo(32);
      assertThat(one.queries()).isEqualTo(second.get(head).queries());
      assertThat(one.keys()).isEqualTo(second.get(head).keys());
      assertThat(one.values()).isEqualTo(second.get(head).values());
      assertThat(softmaxSum(one, rows - 1)).isCloseTo(1, within(1e-9));
      assertThat(norm(one.values(), 32, rows - 1)).isPositive();
    }
    // The two heads differ in the spread of their logits.
    assertThat(spread(first.get(SHARP))).isGreaterThan(3 * spread(first.get(FLAT)));
    assertThat(first.get(FLAT).keys()).isNotEqualTo(first.get(FLAT).queries());
  }

  @Test
  void theSecondModelHasWiderHeadsAndReadsChinese() throws IOException {
    HeadName first = new HeadName(0, 2);
    HeadName last = new HeadName(3, 7);
    Path text = Files.writeString(directory.resolve("text"), "敏捷的棕色狐狸跳过了懒狗。".repeat(60));
    int rows = 700;
    Map<HeadName, HeadRows> found;
    try (Encoder encoder = Encoder.load(BGE_SMALL_ZH, List.of(last, first))) {
      int[] ids = encoder.tokenize(text, Encoder.idsFor(rows));
      // One token for each character.
      assertThat(ids).hasSize(Encoder.idsFor(rows)).startsWith(3130, 2949, 4638, 3473);
      assertThat(ids[13]).isEqualTo(3130);
      found = encoder.rows(ids, rows, done -> {});
    }

    assertThat(found).containsOnlyKeys(last, first);
    for (HeadRows head : found.values()) {
      assertThat(head.rows()).isEqualTo(rows);
      assertThat(head.dim()).isEqualTo(64);
      assertThat(norm(head.values(), 64, rows - 1)).isPositive();
    }
    assertThat(found.get(first).keys()).isNotEqualTo(found.get(last).keys());
  }

  @Test
  void headsThatTheModelDoesNotHaveAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Encoder.load(BGE_SMALL_ZH, List.of(FLAT, new HeadName(0, 8))))
        .withMessageContaining("bge-small-zh has");
  }

  @Test
  void shortTextHasFewTokens() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "three words only");
    try (Encoder encoder = Encoder.load(ALL_MINILM_L6_V2, List.of(FLAT))) {
      assertThat(encoder.tokenize(text, 100)).hasSize(3);
    }
  }

  private static double[] logits(HeadRows rows, int query) {
    double[] logits = new double[rows.rows()];
    for (int key = 0; key < logits.length; key++) {
      for (int i = 0; i < rows.dim(); i++) {
        logits[key] += rows.queries()[query * rows.dim() + i] * rows.keys()[key * rows.dim() + i];
      }
      logits[key] /= Math.sqrt(rows.dim());
    }
    return logits;
  }

  private static double softmaxSum(HeadRows rows, int query) {
    double[] logits = logits(rows, query);
    double max = Arrays.stream(logits).max().orElseThrow();
    double sum = Arrays.stream(logits).map(logit -> Math.exp(logit - max)).sum();
    return Arrays.stream(logits).map(logit -> Math.exp(logit - max) / sum).sum();
  }

  private static double spread(HeadRows rows) {
    double[] logits = logits(rows, 5);
    double mean = Arrays.stream(logits).average().orElseThrow();
    return Math.sqrt(
        Arrays.stream(logits).map(l -> (l - mean) * (l - mean)).average().orElseThrow());
  }

  private static double norm(float[] rows, int dim, int row) {
    double sum = 0;
    for (int i = 0; i < dim; i++) {
      sum += rows[row * dim + i] * rows[row * dim + i];
    }
    return Math.sqrt(sum);
  }
}
