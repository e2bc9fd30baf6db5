// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.background;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * Work that many sequences share and that takes too long for a thread with other duties. It can run
 * on any thread, more than once, and while other threads use the sketch that needs it.
 *
 * <p>The result is kept within the budget of {@link dev.onepass.sketch.anchors.FactorCache}, and at
 * least as long as the preparation is reachable. So a caller that keeps the preparation until it
 * has given the answers never repeats the work, however small the budget is.
 */
@PublicEvolving
public interface Preparation {

  /**
   * Does the work on the calling thread. Returns at once if it is done already.
   *
   * @throws InterruptedException if the thread was interrupted; nothing is left behind then
   */
  void run() throws InterruptedException;

  /** Returns a key that equals the key of every preparation of the same work. */
  Object key();
}
