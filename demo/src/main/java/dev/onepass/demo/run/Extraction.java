// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.datasets.minilm.HeadName;
import dev.onepass.datasets.minilm.HeadRows;
import dev.onepass.datasets.minilm.MiniLm;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/** Runs the model over a text, with a progress bar. */
public final class Extraction {
  private Extraction() {}

  /**
   * Computes the rows of some heads.
   *
   * @param text a plain file, or a jar or zip whose text files are read
   * @param tokens rows of each head
   * @throws DemoException if the text does not exist or is too short
   */
  public static Map<HeadName, HeadRows> rows(Path text, List<HeadName> heads, int tokens)
      throws DemoException, IOException {
    if (!Files.isRegularFile(text)) {
      throw new DemoException(
          DemoException.IMPOSSIBLE, "The text " + text + " does not exist or is not a file.");
    }
    try (MiniLm model = MiniLm.load(heads)) {
      int[] ids = model.tokenize(text, MiniLm.idsFor(tokens));
      if (ids.length < MiniLm.idsFor(tokens)) {
        throw new DemoException(
            DemoException.IMPOSSIBLE,
            "The text %s has only %d tokens, fewer than --tokens %d."
                .formatted(text, MiniLm.rowsFrom(ids.length), tokens));
      }
      try (ProgressBar bar = Progress.bar("attention heads", tokens)) {
        return model.rows(ids, tokens, bar::stepTo);
      }
    }
  }
}
