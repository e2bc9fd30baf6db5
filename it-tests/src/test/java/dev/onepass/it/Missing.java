// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** Skips tests whose requirements this machine does not meet. */
final class Missing {

  private Missing() {}

  /**
   * Prints a reason and skips the current test. With {@code CI=true} the test fails instead.
   *
   * @param why a sentence that begins with NOT TESTED and says what is missing
   */
  static void doNotRun(String why) {
    System.err.println("**** " + why);
    if ("true".equals(System.getenv("CI"))) {
      fail(why);
    }
    abort(why);
  }
}
