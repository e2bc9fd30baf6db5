// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.kriging.AnchorVariogram;
import dev.onepass.sketch.anchors.kriging.TransposedAnchors;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/**
 * The variograms of a set that are in use. Each is one object for all sequences, and variograms of
 * the same number of anchors share their transposed anchors.
 *
 * <p>Safe for use by several threads.
 */
final class SharedVariograms {

  private final Map<DerivedResults.Factor, WeakReference<AnchorVariogram>> variograms =
      new HashMap<>();

  /** Returns the variogram of a factor; null if it is not in use. */
  synchronized AnchorVariogram get(DerivedResults.Factor factor) {
    WeakReference<AnchorVariogram> reference = variograms.get(factor);
    return reference == null ? null : reference.get();
  }

  /**
   * Returns the transposed anchors that a variogram of another kernel uses; null if there are none.
   */
  synchronized TransposedAnchors transposed(int count) {
    for (WeakReference<AnchorVariogram> reference : variograms.values()) {
      AnchorVariogram variogram = reference.get();
      if (variogram != null && variogram.count() == count) {
        return variogram.transposed();
      }
    }
    return null;
  }

  /** Adds the variogram of a factor, which stays as long as it is in use. */
  synchronized void add(DerivedResults.Factor factor, AnchorVariogram variogram) {
    variograms.values().removeIf(reference -> reference.get() == null);
    variograms.put(factor, new WeakReference<>(variogram));
  }
}
