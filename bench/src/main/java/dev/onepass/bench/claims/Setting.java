// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Heads;
import java.io.IOException;
import java.util.List;

/**
 * The settings and data that all claims of a run share. Loads real heads when a claim first needs
 * them.
 */
public final class Setting {
  private static final int ROWS = 131_072;
  private static final int QUICK_ROWS = 8_192;

  private final boolean quick;
  private final long seed;
  private final Heads source;
  private List<Head> heads;

  /**
   * Creates the settings of a run.
   *
   * @param quick whether to use small sizes
   * @param seed seed of planted streams and hashes
   * @param source source of real heads
   */
  public Setting(boolean quick, long seed, Heads source) {
    this.quick = quick;
    this.seed = seed;
    this.source = source;
  }

  /** Returns whether to use small sizes. */
  public boolean quick() {
    return quick;
  }

  /** Returns the seed of planted streams and hashes. */
  public long seed() {
    return seed;
  }

  /** Returns the first value for a quick run, else the second. */
  <T> T pick(T whenQuick, T otherwise) {
    return quick ? whenQuick : otherwise;
  }

  /**
   * Returns real heads with up to 131 072 rows, or 8 192 in a quick run.
   *
   * @throws IOException if the data of a head is missing or has fewer than 8 192 rows; the message
   *     names the file or head
   */
  List<Head> heads() throws IOException {
    if (heads == null) {
      heads = source.load(quick ? QUICK_ROWS : ROWS);
      for (Head head : heads) {
        if (head.rows() < QUICK_ROWS) {
          throw new IOException(
              "head %s has %d rows; the claims need at least %d"
                  .formatted(head.name(), head.rows(), QUICK_ROWS));
        }
      }
    }
    return heads;
  }
}
