// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyWriterTest {
  @TempDir Path directory;

  @Test
  void everyHalfSurvivesARoundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Half.toFloat((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(Half.of(value)).isEqualTo((short) bits);
      }
    }
    assertThat(Half.toFloat(Half.of(Float.NaN))).isNaN();
  }

  @Test
  void roundsToTheNearestAndTiesToEven() {
    assertThat(Half.of(1 + 0x1p-11f)).isEqualTo((short) 0x3c00);
    assertThat(Half.of(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3c02);
    assertThat(Half.of(Math.nextUp(1 + 0x1p-11f))).isEqualTo((short) 0x3c01);
    assertThat(Half.of(Math.nextDown(2f))).isEqualTo((short) 0x4000);
    assertThat(Half.of(0x1p-25f)).isEqualTo((short) 0);
    assertThat(Half.of(-0x1.8p-25f)).isEqualTo((short) 0x8001);
    assertThat(Half.of(Math.nextDown(0x1p-14f))).isEqualTo((short) 0x0400);
    assertThat(Half.of(65_519)).isEqualTo((short) 0x7bff);
    assertThat(Half.of(65_520)).isEqualTo((short) 0x7c00);
  }

  @Test
  void matricesSurviveARoundTrip() throws IOException {
    Path file = directory.resolve("m.npy");
    float[] values = {2, -4, 65_504 * 2f, 0x1p-23f, 0, 6};
    NpyWriter.writeHalves(file, 3, 2, values, 0.5);
    NpyFile read = NpyFile.read(file, 10);
    assertThat(read.rows()).isEqualTo(3);
    assertThat(read.columns()).isEqualTo(2);
    assertThat(read.values()).containsExactly(1, -2, 65_504, 0x1p-24f, 0, 3);
  }

  @Test
  void writesTheSameBytesAsNumPy() throws IOException {
    Path file = directory.resolve("m.npy");
    NpyWriter.writeHalves(file, 1, 2, new float[] {1, -2}, 1);
    String words = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2), }";
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertThat(bytes).isEqualTo("\u0093NUMPY\1\0v\0" + words + " ".repeat(58) + "\n\0<\0\u00c0");
    assertThat(bytes.length() - 4).isEqualTo(128);
  }

  @Test
  void refusesValuesThatAHalfCannotHold() {
    Path file = directory.resolve("m.npy");
    for (float value : new float[] {1e5f, Float.NaN}) {
      assertThatThrownBy(() -> NpyWriter.writeHalves(file, 1, 1, new float[] {value}, 1))
          .hasMessageContaining("float16 cannot");
    }
    assertThat(file).doesNotExist();
  }
}
