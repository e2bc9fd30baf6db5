// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyFileTest {
  @TempDir Path directory;

  @Test
  void readsFloat32() throws IOException {
    Path file = directory.resolve("m.npy");
    NpyFiles.write(file, 2, 3, new float[] {1, 2, 3, -4, 5.5f, 6});
    NpyFile matrix = NpyFile.read(file, 10);
    assertThat(matrix.rows()).isEqualTo(2);
    assertThat(matrix.columns()).isEqualTo(3);
    assertThat(matrix.values()).containsExactly(1, 2, 3, -4, 5.5f, 6);
  }

  @Test
  void readsAtMostTheRequestedRows() throws IOException {
    Path file = directory.resolve("m.npy");
    NpyFiles.write(file, 2, 3, new float[] {1, 2, 3, 4, 5, 6});
    assertThat(NpyFile.read(file, 1).values()).containsExactly(1, 2, 3);
  }

  @Test
  void readsFloat16() throws IOException {
    Path file = directory.resolve("m.npy");
    byte[] halves = {0x00, 0x3c, 0x00, (byte) 0xc0, (byte) 0xff, 0x7b, 0x01, 0x00};
    Files.write(file, NpyFiles.bytes("<f2", 1, 4, halves));
    assertThat(NpyFile.read(file, 1).values()).containsExactly(1, -2, 65504, 0x1p-24f);
  }

  @Test
  void convertsEveryKindOfHalf() {
    assertThat(Half.toFloat((short) 0x0000)).isEqualTo(0f);
    assertThat(Half.toFloat((short) 0x8000)).isEqualTo(-0f);
    assertThat(Half.toFloat((short) 0x3555)).isEqualTo(0.33325195f);
    assertThat(Half.toFloat((short) 0x0400)).isEqualTo(0x1p-14f);
    assertThat(Half.toFloat((short) 0x7c00)).isInfinite();
    assertThat(Half.toFloat((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Half.toFloat((short) 0x7e00)).isNaN();
  }

  @Test
  void refusesUnreadableFiles() throws IOException {
    Path file = directory.resolve("m.npy");
    Files.writeString(file, "not a matrix");
    assertThatThrownBy(() -> NpyFile.read(file, 1)).hasMessageContaining("not in NumPy's format");
    Files.write(file, NpyFiles.bytes(">f4", 1, 1, new byte[4]));
    assertThatThrownBy(() -> NpyFile.read(file, 1)).hasMessageContaining(">f4");
    Files.write(file, NpyFiles.bytes("<f4", 2, 2, new byte[12]));
    assertThatThrownBy(() -> NpyFile.read(file, 2)).hasMessageContaining("shorter");
  }

  @Test
  void headsNeedAllTheirFiles() throws IOException {
    for (String part : new String[] {"Q", "K", "V"}) {
      NpyFiles.write(directory.resolve("A_" + part + ".npy"), 2, 2, new float[] {1, 2, 3, 4});
    }
    Head head = new FileHeads(directory, List.of("A")).load(2).get(0);
    assertThat(head.rows()).isEqualTo(2);
    assertThat(head.scale()).isEqualTo(1);
    assertThatThrownBy(() -> new FileHeads(directory, List.of("B")).load(2))
        .hasMessageContaining("B_Q.npy");
  }
}
