// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.WideKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Reads golden files of wide keys: an anchor set of format 3, headers of projected sequences, and
 * their answers. {@code main} writes the files that do not exist into the folder that it is given.
 */
class WideGoldenFilesTest {

  private static final int DIM = 8;
  private static final int COLUMNS = 2;
  private static final String SET = "wide-set.bin";
  private static final String ANSWERS = "wide-answers.csv";

  /** Numbers of tokens at which a sequence is exact, and at which it is not. */
  private static final int[] SIZES = {40, 600};

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    float[] keys = keys(300);
    AnchorSet made =
        WideSetMaker.make(5, WideSetMaker.columns(DIM, keys, keys, COLUMNS, 7), keys, keys, 32, 7);
    write(folder.resolve(SET), made.toByteArray());
    StringBuilder lines = new StringBuilder("tokens,query,log_normalizer,output\n");
    for (int n : SIZES) {
      Sequence sequence = sequence(n, made);
      write(folder.resolve(header(n)), sequence.header().toByteArray());
      Answers answers = sequence.answer(queries());
      for (int q = 0; q < answers.outputs().length; q++) {
        lines.append(
            "%d,%d,%s,%s%n".formatted(n, q, answers.logNormalizer()[q], answers.outputs()[q][0]));
      }
    }
    write(folder.resolve(ANSWERS), lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    if (!Files.exists(file)) {
      Files.write(file, bytes);
    }
  }

  private static String header(int n) {
    return "wide-header-n%d.bin".formatted(n);
  }

  /** Returns keys on a grid, in which coordinates 2 and 5 are the large ones. */
  private static float[] keys(int n) {
    float[] keys = Arrays.copyOf(GoldenFiles.tokens(DIM / 2 * n).keys(), n * DIM);
    for (int e = 0; e < keys.length; e++) {
      keys[e] *= e % DIM == 2 || e % DIM == 5 ? 1 : 1f / 64;
    }
    return keys;
  }

  private static QueryBlock queries() {
    return new QueryBlock(keys(4), 4, DIM, 0.5);
  }

  private static Sequence sequence(int n, AnchorSet set) {
    HeadSpec head =
        new HeadSpec("h", DIM, 1, 0.5, 4096, 16, AnchoredFamily.HYBRID, 0, Map.of())
            .withWideKeys(new WideKeys(COLUMNS, 0.9));
    Sequence sequence = Sequence.open(head, new HeapStore(), AnchorSets.of(set));
    TokenBlock tokens =
        TokenBlock.of(DIM, 1, n, keys(n), Arrays.copyOf(GoldenFiles.tokens(n).values(), n));
    for (int j = 0; j < n; j++) {
      TokenBlock token = tokens.slice(j, j + 1);
      assertThat(sequence.accept(j, token.keys(), token.values())).isEqualTo(Acceptance.ACCEPTED);
    }
    return sequence;
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in =
        WideGoldenFilesTest.class.getResourceAsStream("/golden/format1/" + file)) {
      return in.readAllBytes();
    }
  }

  @Test
  void theSetKeepsItsBytes() throws IOException {
    AnchorSet set = AnchorSet.fromByteArray(bytes(SET));
    assertThat(set.toByteArray()).isEqualTo(bytes(SET));
    assertThat(set.version()).isEqualTo(5);
    assertThat(set.fullDim()).isEqualTo(DIM);
    assertThat(set.columns().orElseThrow().coordinates()).containsExactly(2, 5);
    assertThat(set.columns().orElseThrow().keptVariance()).isGreaterThan(0.99);
  }

  @Test
  void headersKeepTheirBytes() throws IOException {
    for (int n : SIZES) {
      Header header = Header.fromByteArray(bytes(header(n)));
      assertThat(header.toByteArray()).isEqualTo(bytes(header(n)));
      assertThat(header.isProjected()).isTrue();
      assertThat(header.isExact()).isEqualTo(n == SIZES[0]);
      assertThat(header.keyDim()).isEqualTo(COLUMNS);
      assertThat(header.anchorsVersion()).isEqualTo(5);
    }
  }

  @Test
  void projectedSequencesKeepTheirAnswers() throws IOException {
    AnchorSet set = AnchorSet.fromByteArray(bytes(SET));
    List<String[]> lines =
        new String(bytes(ANSWERS), StandardCharsets.UTF_8)
            .lines()
            .skip(1)
            .map(line -> line.split(","))
            .toList();
    assertThat(lines).hasSize(8);
    for (String[] line : lines) {
      Answers answers = sequence(Integer.parseInt(line[0]), set).answer(queries());
      int q = Integer.parseInt(line[1]);
      assertThat(answers.logNormalizer()[q]).isCloseTo(Double.parseDouble(line[2]), within(1e-5));
      assertThat((double) answers.outputs()[q][0])
          .isCloseTo(Double.parseDouble(line[3]), within(1e-5));
    }
  }
}
