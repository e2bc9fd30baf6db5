// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.datasets.models.Encoder;
import dev.onepass.datasets.models.EncoderModel;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/** Runs the model over a text, with a progress bar. */
public final class Extraction {
  /** The model that computes the demo's heads. */
  public static final EncoderModel MODEL = EncoderModel.ALL_MINILM_L6_V2;

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
    try (Encoder model = Encoder.load(MODEL, heads)) {
      int[] ids = model.tokenize(text, Encoder.idsFor(tokens));
      if (ids.length < Encoder.idsFor(tokens)) {
        throw new DemoException(
            DemoException.IMPOSSIBLE,
            "The text %s has only %d tokens, fewer than --tokens %d."
                .formatted(text, Encoder.rowsFrom(ids.length), tokens));
      }
      try (ProgressBar bar = Progress.bar("attention heads", tokens)) {
        return model.rows(ids, tokens, bar::stepTo);
      }
    }
  }
}
