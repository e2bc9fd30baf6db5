// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSourceTest {
  @TempDir Path directory;

  @Test
  void splitsAPlainFileAtLineEndsWithoutLoss() throws IOException {
    String text = "a line of words, ä and 😀\n".repeat(2_000) + "end";
    Path file = Files.writeString(directory.resolve("plain"), text);

    List<String> pieces = pieces(file, Integer.MAX_VALUE);

    assertThat(pieces).hasSizeGreaterThan(3);
    assertThat(pieces.subList(0, pieces.size() - 1)).allMatch(piece -> piece.endsWith("\n"));
    assertThat(String.join("", pieces)).isEqualTo(text);
  }

  @Test
  void keepsSurrogatePairsOfOneLongLineTogether() throws IOException {
    String text = "x" + "😀".repeat(10_000);
    Path file = Files.writeString(directory.resolve("plain"), text);

    List<String> pieces = pieces(file, Integer.MAX_VALUE);

    assertThat(pieces).hasSizeGreaterThan(1);
    assertThat(pieces)
        .allMatch(piece -> !Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
    assertThat(String.join("", pieces)).isEqualTo(text);
  }

  @Test
  void readsTheTextFilesOfAnArchiveInTheOrderOfTheirNames() throws IOException {
    Path file = directory.resolve("archive.jar");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      entry(zip, "b.txt", "second");
      entry(zip, "a/", "");
      entry(zip, "a/A.class", "\u0000binary");
      entry(zip, "a/a.txt", "first ");
      entry(zip, "empty", "");
    }

    assertThat(pieces(file, Integer.MAX_VALUE)).containsExactly("first ", "second");
    assertThat(pieces(file, 1)).containsExactly("first ");
  }

  @Test
  void readsNothingFromAnEmptyFile() throws IOException {
    assertThat(pieces(Files.createFile(directory.resolve("empty")), Integer.MAX_VALUE)).isEmpty();
  }

  private static List<String> pieces(Path file, int atMost) throws IOException {
    List<String> pieces = new ArrayList<>();
    TextSource.read(
        file,
        piece -> {
          pieces.add(piece);
          return pieces.size() < atMost;
        });
    return pieces;
  }

  private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }
}
