package dev.onepass.bench.claims;

import java.io.IOException;

/** Something that is said of the one-pass algorithm, and how it is measured. */
public interface Claim {

  /** The word for the command line and for files. */
  String name();

  /** A heading. */
  String title();

  /** The claim in a sentence or two. */
  String claim();

  /** What the numbers are. */
  String measured();

  /**
   * Measures.
   *
   * @throws IOException when the data that it needs are not to be had
   */
  Finding measure(Setting setting) throws IOException;
}
