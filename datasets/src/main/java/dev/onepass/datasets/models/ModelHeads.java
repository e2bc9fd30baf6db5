// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Heads;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/**
 * Heads of a model, computed over a text.
 *
 * @param model computes the heads
 * @param text a plain file, a jar or a zip
 * @param names heads of the model
 */
public record ModelHeads(EncoderModel model, Path text, List<HeadName> names) implements Heads {

  @Override
  public List<Head> load(int rows) throws IOException {
    requireText(text);
    Path cache = Files.createTempDirectory("onepass-bench");
    // Otherwise the tokenizer unpacks its library into the home directory.
    System.setProperty("DJL_CACHE_DIR", cache.toString());
    try (Encoder encoder = Encoder.load(model, names)) {
      int[] ids = encoder.tokenize(text, Encoder.idsFor(rows));
      int there = Math.min(rows, Encoder.rowsFrom(ids.length));
      Map<HeadName, HeadRows> found;
      try (ProgressBar bar = Progress.bar("attention heads", there)) {
        found = encoder.rows(ids, there, bar::stepTo);
      }
      List<Head> heads = new ArrayList<>();
      found.forEach((name, head) -> heads.add(head(name.toString(), head)));
      return heads;
    } finally {
      delete(cache);
    }
  }

  /** Checks that a text exists, so that a missing file is reported before a long run begins. */
  public static void requireText(Path text) throws IOException {
    if (!Files.isRegularFile(text)) {
      throw new IOException("the text " + text + " does not exist or is not a file");
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Head head(String name, HeadRows head) {
    int dim = head.dim();
    return new Head(
        name,
        head.rows(),
        dim,
        dim,
        head.queries(),
        head.keys(),
        head.values(),
        1 / Math.sqrt(dim));
  }
}
