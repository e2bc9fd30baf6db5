// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelBytesTest {
  @Test
  void declaresOutputsAsProtobufDoes() {
    // graph (7) of 5 bytes { output (12) of 3 bytes { name (1) of 1 byte } }.
    assertThat(ModelBytes.outputsFragment(List.of("t")))
        .containsExactly(7 << 3 | 2, 5, 12 << 3 | 2, 3, 1 << 3 | 2, 1, 't');
  }

  @Test
  void writesLengthsOfSeveralBytes() {
    String name = "n".repeat(300);
    assertThat(ModelBytes.outputsFragment(List.of(name)))
        .startsWith(7 << 3 | 2, 0xb2, 0x02, 12 << 3 | 2, 0xaf, 0x02, 1 << 3 | 2, 0xac, 0x02, 'n')
        .hasSize(300 + 9);
  }

  @Test
  void keepsTheNodesOfAnOutputAndFieldsThatAreNotNodes() {
    byte[] first = node("x", "a");
    byte[] second = node("a", "b");
    byte[] third = node("b", "last");
    byte[] weights = field(5, "weights".getBytes(StandardCharsets.UTF_8));
    byte[] last = field(12, field(1, "last".getBytes(StandardCharsets.UTF_8)));
    byte[] version = {1 << 3, 8};
    byte[] model = join(version, field(7, join(first, second, weights, third, last)));

    assertThat(ModelBytes.withOutputs(model, List.of("b")))
        .isEqualTo(
            join(
                version,
                field(7, join(weights, first, second)),
                ModelBytes.outputsFragment(List.of("b"))));
  }

  private static byte[] node(String input, String output) {
    return field(
        1,
        join(
            field(1, input.getBytes(StandardCharsets.UTF_8)),
            field(2, output.getBytes(StandardCharsets.UTF_8))));
  }

  private static byte[] field(int number, byte[] content) {
    return join(new byte[] {(byte) (number << 3 | 2), (byte) content.length}, content);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
