// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import picocli.CommandLine.Option;

/** Options for the vector length and the state size of a sequence. */
public final class SequenceShape {

  @Option(
      names = "--dim",
      paramLabel = "N",
      defaultValue = "32",
      description = "Length of keys and values (default: ${DEFAULT-VALUE}).")
  private int dim;

  @Option(
      names = "--state-size",
      paramLabel = "SIZE",
      defaultValue = "32KiB",
      converter = StateSize.Converter.class,
      description = "State size of a sequence (default: ${DEFAULT-VALUE}).")
  private StateSize stateSize;

  public int dim() {
    return dim;
  }

  public StateSize stateSize() {
    return stateSize;
  }
}
