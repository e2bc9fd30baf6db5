// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads text piece by piece from a plain file, or from the text files in a jar or zip. */
public final class TextSource {
  /** Small enough for a fast tokenizer, large enough that few cuts fall within a word. */
  private static final int PIECE_CHARS = 8_192;

  private static final int SNIFFED_BYTES = 4_096;

  private TextSource() {}

  /**
   * Passes the text to a reader in pieces of a few thousand characters, cut at line ends where
   * possible. The files of an archive are read in the order of their names, so the same archive
   * always gives the same text. Bytes that are not UTF-8 become U+FFFD.
   *
   * @param file a text file, a jar or a zip
   * @param reader accepts each piece and returns whether to continue
   * @throws IOException if the file cannot be read
   */
  public static void read(Path file, Predicate<String> reader) throws IOException {
    if (!isArchive(file)) {
      cut(Files.readAllBytes(file), reader);
      return;
    }
    try (ZipFile archive = new ZipFile(file.toFile())) {
      List<? extends ZipEntry> entries =
          archive.stream()
              .filter(entry -> !entry.isDirectory())
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        byte[] bytes;
        try (InputStream in = archive.getInputStream(entry)) {
          bytes = in.readAllBytes();
        }
        if (isText(bytes) && !cut(bytes, reader)) {
          return;
        }
      }
    }
  }

  private static boolean isArchive(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      byte[] start = in.readNBytes(4);
      return start.length == 4
          && start[0] == 'P'
          && start[1] == 'K'
          && (start[2] == 3 || start[2] == 5);
    }
  }

  /** Returns whether there is no zero byte near the start, which class files and pictures have. */
  private static boolean isText(byte[] bytes) {
    for (int i = 0; i < Math.min(bytes.length, SNIFFED_BYTES); i++) {
      if (bytes[i] == 0) {
        return false;
      }
    }
    return bytes.length > 0;
  }

  private static boolean cut(byte[] bytes, Predicate<String> reader) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(start + PIECE_CHARS, text.length());
      if (end < text.length()) {
        int lineEnd = text.lastIndexOf('\n', end - 1);
        if (lineEnd > start) {
          end = lineEnd + 1;
        } else if (Character.isHighSurrogate(text.charAt(end - 1))) {
          end--;
        }
      }
      if (!reader.test(text.substring(start, end))) {
        return false;
      }
      start = end;
    }
    return true;
  }
}
