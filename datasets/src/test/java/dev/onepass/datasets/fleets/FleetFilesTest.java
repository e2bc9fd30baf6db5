// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.fleets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.npy.NpyWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetFilesTest {
  private static final float[] NUMBERS = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final Head HEAD = new Head("H", 4, 2, 2, NUMBERS, NUMBERS, NUMBERS, 1);
  private static final int[] SEQUENCES = {3, 70_000, 3, -1};

  @TempDir private Path directory;

  @Test
  void whatWasWrittenIsRead() throws IOException {
    FleetFiles.write(directory, new Fleet(HEAD, SEQUENCES, Optional.of(new int[] {9, 8, 9, 7})));

    Fleet read = FleetFiles.read(directory, "H");

    assertThat(read.sequences()).isEqualTo(SEQUENCES);
    assertThat(read.items()).hasValueSatisfying(i -> assertThat(i).containsExactly(9, 8, 9, 7));
    assertThat(read.head().keys()).isEqualTo(NUMBERS);
  }

  @Test
  void numpysOwnBytesAreWritten() throws IOException {
    FleetFiles.write(directory, new Fleet(HEAD, SEQUENCES, Optional.empty()));

    byte[] bytes = Files.readAllBytes(directory.resolve("H_S.npy"));

    assertThat(new String(bytes, 10, 54, StandardCharsets.US_ASCII))
        .isEqualTo("{'descr': '<i4', 'fortran_order': False, 'shape': (4,)");
    assertThat(bytes).hasSize(128 + 16).endsWith(-1, -1, -1, -1);
    assertThat(directory.resolve("H_I.npy")).doesNotExist();
  }

  @Test
  void aHeadWithoutSequencesIsOfTwo() throws IOException {
    FileHeads.write(directory, HEAD);

    assertThat(FleetFiles.read(directory, "H").sequences()).containsExactly(0, 1, 1, 1);
  }

  @Test
  void windowsAreSequences() {
    assertThat(Fleet.ofWindows(HEAD, 3).sequences()).containsExactly(0, 0, 0, 1);
  }

  @Test
  void otherNumbersAreRefused() throws IOException {
    FileHeads.write(directory, HEAD);
    NpyWriter.writeInts(directory.resolve("H_S.npy"), new int[3]);
    assertThatThrownBy(() -> FleetFiles.read(directory, "H"))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("H_S.npy has 3 rows, but head H has 4");

    NpyWriter.writeHalves(directory.resolve("H_S.npy"), 4, 1, NUMBERS, 1);
    assertThatThrownBy(() -> FleetFiles.read(directory, "H"))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("holds <f2 of shape [4, 1], not a vector of int32 (<i4)");
  }
}
