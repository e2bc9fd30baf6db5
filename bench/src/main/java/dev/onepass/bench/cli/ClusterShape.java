// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Option;

/** Options for the size of the Flink cluster. */
public final class ClusterShape {

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of each operator (default: the number of processors).")
  private int parallelism = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--managed-memory",
      paramLabel = "SIZE",
      defaultValue = "512MiB",
      converter = StateSize.Converter.class,
      description = "RocksDB memory of all subtasks together (default: ${DEFAULT-VALUE}).")
  private StateSize managedMemory;

  public int parallelism() {
    return parallelism;
  }

  public MemorySize managedMemory() {
    return new MemorySize(managedMemory.bytes());
  }
}
