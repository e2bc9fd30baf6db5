package dev.onepass.bench;

import picocli.CommandLine.Option;

/** The options that say how wide the vectors of a sequence are, and how many bytes it has. */
final class SequenceShape {

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

  int dim() {
    return dim;
  }

  StateSize stateSize() {
    return stateSize;
  }
}
