// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import java.io.IOException;
import java.util.List;

/** A source of attention heads. */
public interface Heads {

  /**
   * Loads the heads, in a fixed order.
   *
   * @param rows maximum number of rows of each head
   * @throws IOException if something is missing; the message says what
   */
  List<Head> load(int rows) throws IOException;
}
