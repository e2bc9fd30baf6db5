// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that a head's anchor set is made from change no result but through the set. */
class EarlyRowsTest {
  private static final int ROWS = 4_096;
  private static final int EARLY = 1_228;
  private static final int DIM = 4;
  private static final Head HEAD = Planted.gaussian(ROWS, DIM, DIM, 0.5, Planted.Values.SIGNAL, 7);

  @TempDir private Path directory;

  /** A set does not depend on values, so early values change nothing at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "accuracy",
        "calibration",
        "stability;--tokens;4096,9000",
        "decay;--half-lives;256",
        "heavy;--streams;as it is"
      })
  void earlyValuesChangeNothing(String command) throws IOException {
    Head other = head(HEAD.queries(), HEAD.keys(), early(HEAD.values(), 99));
    String line = command + ";--sketches;hybrid,polynomial,uniform";
    List<String> results = results(line, HEAD);
    assertThat(results).anyMatch(row -> row.contains("hybrid"));
    assertThat(results(line, other)).isEqualTo(results);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accuracy",
        "stability;--tokens;4096,9000",
        "decay;--half-lives;256",
        "heavy;--streams;as it is"
      })
  void earlyRowsChangeNothingWithoutAnchors(String command) throws IOException {
    String line = command + ";--sketches;cluster,polynomial,onepass,ridge,uniform,sinks+window";
    List<String> results = results(line, HEAD);
    assertThat(results).hasSizeGreaterThan(4);
    Head other = head(early(HEAD.queries(), 9), early(HEAD.keys(), -9), early(HEAD.values(), 99));
    assertThat(results(line, other)).isEqualTo(results);
  }

  private static Head head(float[] queries, float[] keys, float[] values) {
    return new Head("X", ROWS, DIM, DIM, queries, keys, values, 1);
  }

  private static float[] early(float[] rows, float number) {
    float[] changed = rows.clone();
    Arrays.fill(changed, 0, EARLY * DIM, number);
    return changed;
  }

  /** Returns the rows of the command's CSV, without the columns of times. */
  private List<String> results(String command, Head head) throws IOException {
    FileHeads.write(directory, head(head.queries(), head.keys(), head.values()));
    Path csv = directory.resolve("results.csv");
    String line =
        "%s;--data;%s;--heads;X;--state-sizes;8KiB;--csv;%s".formatted(command, directory, csv);
    assertThat(Bench.execute(line.split(";"))).isZero();
    List<String> rows = Files.readAllLines(csv);
    List<String> names = List.of(rows.get(0).split(","));
    return rows.stream().map(row -> withoutTimes(names, row.split(",", -1))).toList();
  }

  private static String withoutTimes(List<String> names, String[] row) {
    return IntStream.range(0, row.length)
        .filter(c -> !names.get(c).contains("_us"))
        .mapToObj(c -> row[c])
        .collect(Collectors.joining(","));
  }
}
