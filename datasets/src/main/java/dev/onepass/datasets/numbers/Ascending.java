// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.numbers;

/** Searches in arrays whose numbers ascend; equal numbers are allowed. */
public final class Ascending {
  private Ascending() {}

  /** Returns how many numbers are at most a bound. */
  public static int countUpTo(double[] ascending, double bound) {
    return countUpTo(ascending, ascending.length, bound);
  }

  /** Returns how many of the first {@code length} numbers are at most a bound. */
  public static int countUpTo(double[] ascending, int length, double bound) {
    int low = 0;
    int high = length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ascending[middle] <= bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
