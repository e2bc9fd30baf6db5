// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.fleets.FleetFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class HeadsCommandTest {
  @TempDir private Path directory;
  private Path text;
  private Path past;

  @BeforeEach
  void write() throws IOException {
    text = Files.writeString(directory.resolve("text"), "a new line of code; ".repeat(90));
    past = Files.writeString(directory.resolve("past"), "Once upon a time. ".repeat(60));
  }

  @Test
  void aHeadIsOneLongStreamOrWindows() throws IOException {
    Fleet two = fleet("--tokens 250");
    Fleet windows = fleet("--tokens 250 --window 60");

    assertThat(lengths(two)).containsExactly(75, 175);
    assertThat(lengths(windows)).containsExactly(60, 60, 60, 60, 10);
    assertThat(windows.head().keys()).isEqualTo(two.head().keys());
  }

  @Test
  void threeOfFiveWindowsAreOfThePast() throws IOException {
    Fleet windows = fleet("--tokens 250 --window 60 --past " + past);

    assertThat(lengths(windows)).containsExactly(60, 60, 60, 60, 10);
    assertThat(keys(windows, 0, 180)).isEqualTo(keys(fleet("--tokens 180 --text " + past)));
    assertThat(keys(windows, 180, 250)).isEqualTo(keys(fleet("--tokens 70")));
  }

  @Test
  void threeOfTenRowsOfALongStreamAreOfThePast() throws IOException {
    Fleet two = fleet("--tokens 250 --past " + past);

    assertThat(lengths(two)).containsExactly(75, 175);
    assertThat(keys(two, 0, 75)).isEqualTo(keys(fleet("--tokens 75 --text " + past)));
    assertThat(keys(two, 75, 250)).isEqualTo(keys(fleet("--tokens 175")));
  }

  @Test
  void aShortTextGivesFewerRows() throws IOException {
    // Five times 60 words and two marks.
    assertThat(fleet("--tokens 5000 --text " + past).head().rows()).isEqualTo(302);
  }

  @Test
  void theSecondModelHasHeadsOfItsOwnWidth() throws IOException {
    assertThat(fleet("--tokens 20 --model bge-small-zh").head().keyDim()).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--heads L9H0 | all-minilm-l6-v2 has layers L0 to L5 with heads H0 to H11, not L9H0",
        "--heads L0H8 --model bge-small-zh | layers L0 to L3 with heads H0 to H7, not L0H8",
        "--heads L0H0 --model bert | there is no model 'bert'; the models are all-minilm-l6-v2, bge-small-zh",
        "--heads L0H0 --tokens 0 | --tokens must be at least 1, not 0",
        "--heads L0H0 --window 0 | --window must be at least 1, not 0",
        "--heads L0H0 --past pom.xml --tokens 3 | --tokens 3 are too few",
        "--heads L0H0 --past pom.xml --tokens 9 --window 9 | --tokens 9 are too few",
      })
  void whatCannotBeIsRefused(String options, String message) {
    assertThatThrownBy(() -> run(options))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining(message);
  }

  @Test
  void textsThatAreMissingOrShortAreReported() {
    assertThatThrownBy(() -> fleet("--past nowhere"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the text nowhere does not exist");
    assertThatThrownBy(() -> fleet("--tokens 5000 --past " + past))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("of the 1500 rows of the past; take a longer text or fewer rows");
  }

  private Fleet fleet(String options) throws IOException {
    String texts = options.contains("--text") ? "" : " --text " + text;
    run("--heads L0H3 " + options + texts);
    return FleetFiles.read(directory, "L0H3");
  }

  private void run(String options) throws IOException {
    HeadsCommand command = new HeadsCommand();
    new CommandLine(command).parseArgs(("--out " + directory + " " + options).split(" "));
    command.call();
  }

  /** Returns the number of rows of each sequence, in the order of the sequences. */
  private static long[] lengths(Fleet fleet) {
    return IntStream.rangeClosed(0, Arrays.stream(fleet.sequences()).max().orElseThrow())
        .mapToLong(s -> Arrays.stream(fleet.sequences()).filter(i -> i == s).count())
        .toArray();
  }

  private static float[] keys(Fleet fleet) {
    return keys(fleet, 0, fleet.head().rows());
  }

  private static float[] keys(Fleet fleet, int from, int to) {
    int dim = fleet.head().keyDim();
    return Arrays.copyOfRange(fleet.head().keys(), from * dim, to * dim);
  }
}
