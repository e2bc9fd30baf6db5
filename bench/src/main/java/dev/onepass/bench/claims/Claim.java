package dev.onepass.bench.claims;

import java.io.IOException;

/** A claim about the one-pass algorithm, and its measurement. */
public interface Claim {

  /** Returns the name on the command line and of files. */
  String name();

  /** Returns the heading. */
  String title();

  /** Returns the claim in one or two sentences. */
  String claim();

  /** Returns a description of the measurement. */
  String measured();

  /** Runs the measurement. * * @throws IOException if data is missing */
  Finding measure(Setting setting) throws IOException;
}
