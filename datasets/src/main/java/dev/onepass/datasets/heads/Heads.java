package dev.onepass.datasets.heads;

import java.io.IOException;
import java.util.List;

/** Where attention heads come from. */
public interface Heads {

  /**
   * The heads, in a fixed order.
   *
   * @param rows rows that are wanted; there may be fewer
   * @throws IOException with a sentence that says what is missing
   */
  List<Head> load(int rows) throws IOException;
}
