package dev.onepass.bench.load;

import dev.onepass.job.format.RecordFormat;
import java.util.List;
import java.util.Optional;

/**
 * One kind of load.
 *
 * @param name for the command line
 * @param dim length of keys and of values
 * @param stateKib state size in KiB
 * @param format of the records
 * @param sequences that the tokens go to in turn
 * @param tokensEach tokens that a sequence gets at most; 0 for as many as there are
 */
public record Cell(
    String name, int dim, int stateKib, RecordFormat format, int sequences, int tokensEach) {

  /** The loads that the ratio is stated for; each differs from the first in one thing. */
  public static final List<Cell> ALL =
      List.of(
          new Cell("protobuf", 32, 32, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("json", 32, 32, RecordFormat.JSON, 1_000, 0),
          new Cell("large-state", 32, 128, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("d64", 64, 32, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("d128", 128, 32, RecordFormat.PROTOBUF, 1_000, 0),
          new Cell("one-sequence", 32, 32, RecordFormat.PROTOBUF, 1, 0),
          new Cell("short-sequences", 32, 32, RecordFormat.PROTOBUF, 100_000, 20));

  /** The load of that name, if there is one. */
  public static Optional<Cell> named(String name) {
    return ALL.stream().filter(cell -> cell.name.equals(name)).findFirst();
  }

  /**
   * Tokens that make the cell: as many as wanted, but so many that sequences leave exact mode in
   * the part that is not measured, unless they are short.
   */
  public long tokens(long wanted) {
    if (tokensEach > 0) {
      return Math.min(wanted, (long) sequences * tokensEach);
    }
    long exact = (stateKib << 10) / (8L * dim);
    return Math.max(wanted, Math.round(sequences * exact / Window.SKIPPED * 1.1));
  }

  /** The cell in the words of the result. */
  public String words() {
    return "d=%d state=%dKiB format=%s sequences=%d".formatted(dim, stateKib, format, sequences);
  }
}
