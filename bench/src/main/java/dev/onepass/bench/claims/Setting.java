package dev.onepass.bench.claims;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Heads;
import java.io.IOException;
import java.util.List;

/** What all claims of one run share. Real heads are loaded when the first claim asks for them. */
public final class Setting {
  private static final int ROWS = 131_072;
  private static final int QUICK_ROWS = 8_192;

  private final boolean quick;
  private final long seed;
  private final Heads source;
  private List<Head> heads;

  /**
   * A run.
   *
   * @param quick whether to make do with small sizes
   * @param seed of planted streams and hashes
   * @param source of real heads
   */
  public Setting(boolean quick, long seed, Heads source) {
    this.quick = quick;
    this.seed = seed;
    this.source = source;
  }

  /** Whether to make do with small sizes. */
  public boolean quick() {
    return quick;
  }

  /** Seed of planted streams and hashes. */
  public long seed() {
    return seed;
  }

  /** One of two, the first for a quick run. */
  <T> T pick(T whenQuick, T otherwise) {
    return quick ? whenQuick : otherwise;
  }

  /**
   * Real heads, of as many rows as there are up to 131 072, or 8 192 in a quick run.
   *
   * @throws IOException with a sentence that says what is missing
   */
  List<Head> heads() throws IOException {
    if (heads == null) {
      heads = source.load(quick ? QUICK_ROWS : ROWS);
      for (Head head : heads) {
        if (head.rows() < QUICK_ROWS) {
          throw new IOException(
              "head %s has %d rows; these measurements need at least %d"
                  .formatted(head.name(), head.rows(), QUICK_ROWS));
        }
      }
    }
    return heads;
  }
}
