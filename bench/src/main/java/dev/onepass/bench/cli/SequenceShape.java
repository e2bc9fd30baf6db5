package dev.onepass.bench.cli;

import picocli.CommandLine.Option;

/** The options that say how wide the vectors of a sequence are, and how many bytes it has. */
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
      description = "Bytes of a sequence (default: ${DEFAULT-VALUE}).")
  private StateSize stateSize;

  public int dim() {
    return dim;
  }

  public StateSize stateSize() {
    return stateSize;
  }
}
