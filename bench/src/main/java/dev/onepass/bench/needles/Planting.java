// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.needles;

import java.util.Arrays;
import java.util.List;

/** What is planted among the tokens of a head. */
public enum Planting {
  /** Nothing. */
  NONE("as it is", 0, 0),
  /** Needles far from all keys. */
  OUTLIERS("outliers", 4, 0),
  /** Needles as far from the mean key as other keys. */
  ORDINARY("ordinary", 1, 0),
  /** Needles far from all keys, and sinks: four keys still farther away, each of them repeated. */
  SINKS("sinks", 4, 256);

  private final String label;
  private final double distance;
  private final int repetitions;

  Planting(String label, double distance, int repetitions) {
    this.label = label;
    this.distance = distance;
    this.repetitions = repetitions;
  }

  /** Returns the planting of a label. */
  public static Planting of(String label) {
    return Arrays.stream(values())
        .filter(planting -> planting.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of %s, got '%s'".formatted(labels(), label)));
  }

  /** Returns the labels of all plantings. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Planting::label).toList();
  }

  /** Returns the name for tables and options. */
  public String label() {
    return label;
  }

  /** Distance of needles from the mean key, in root mean squares of it; 0 for no needles. */
  double distance() {
    return distance;
  }

  /** How often each sink is repeated; 0 for no sinks. */
  int repetitions() {
    return repetitions;
  }
}
