package dev.onepass.bench.cli;

import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Option;

/** The options that say how large the Flink cluster is. */
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
      description = "Memory that RocksDB shares among the subtasks (default: ${DEFAULT-VALUE}).")
  private StateSize managedMemory;

  public int parallelism() {
    return parallelism;
  }

  public MemorySize managedMemory() {
    return new MemorySize(managedMemory.bytes());
  }
}
