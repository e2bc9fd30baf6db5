// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.job.format.RecordFormat;
import java.util.List;
import java.util.Optional;

/**
 * A load for the job.
 *
 * @param name name on the command line
 * @param dim length of keys and of values
 * @param stateKib state size in KiB
 * @param format of the records
 * @param sequences number of sequences, which get tokens in turn
 * @param tokensEach maximum number of tokens of a sequence; 0 for no limit
 */
public record Cell(
    String name, int dim, int stateKib, RecordFormat format, int sequences, int tokensEach) {

  /** The loads of the documented ratios. Each differs from the first in one setting. */
  public static final List<Cell> ALL =
      List.of(
          new Cell("protobuf", 32, 32, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("json", 32, 32, RecordFormat.JSON, 1_000, 0),
          new Cell("large-state", 32, 128, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("d64", 64, 32, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("d128", 128, 32, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("one-sequence", 32, 32, RecordFormat.PROTOBUF, 1, 0),
          new Cell("short-sequences", 32, 32, RecordFormat.PROTOBUF, 100_000, 20));

  /** Returns the load with a name, if it exists. */
  public static Optional<Cell> named(String name) {
    return ALL.stream().filter(cell -> cell.name.equals(name)).findFirst();
  }

  /**
   * Returns the number of tokens to send: at least the wanted number, and enough that sequences
   * leave exact mode in the part that is not measured, unless sequences are short.
   */
  public long tokens(long wanted) {
    if (tokensEach > 0) {
      return Math.min(wanted, (long) sequences * tokensEach);
    }
    long exact = (stateKib << 10) / (8L * dim);
    return Math.max(wanted, Math.round(sequences * exact / Window.SKIPPED * 1.1));
  }

  /** Returns the settings of the load as the results print them. */
  public String words() {
    return "d=%d state=%dKiB format=%s sequences=%d".formatted(dim, stateKib, format, sequences);
  }
}
