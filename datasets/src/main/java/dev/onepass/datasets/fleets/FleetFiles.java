// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.fleets;

import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.npy.NpyInts;
import dev.onepass.datasets.npy.NpyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Fleets in files: {@code NAME_Q.npy}, {@code NAME_K.npy} and {@code NAME_V.npy} as {@link
 * FileHeads} has them; {@code NAME_S.npy}, the sequence of each row (int32); and, if rows have
 * items, {@code NAME_I.npy}, the item of each row (int32).
 */
public final class FleetFiles {
  private FleetFiles() {}

  /**
   * Reads a fleet. A head without sequences is one long stream: a fleet of two sequences ({@link
   * Fleet#ofTwo}).
   *
   * @throws IOException if a file is missing or holds something else; the message says what
   */
  public static Fleet read(Path directory, String name) throws IOException {
    Head head = new FileHeads(directory, List.of(name)).load(Integer.MAX_VALUE).get(0);
    Path sequences = file(directory, name, "S");
    if (!Files.isRegularFile(sequences)) {
      return Fleet.ofTwo(head);
    }
    Path items = file(directory, name, "I");
    return new Fleet(
        head,
        ints(sequences, head),
        Files.isRegularFile(items) ? Optional.of(ints(items, head)) : Optional.empty());
  }

  private static int[] ints(Path file, Head head) throws IOException {
    int[] ints = NpyInts.read(file, Integer.MAX_VALUE);
    if (ints.length != head.rows()) {
      throw new IOException(
          "%s has %d rows, but head %s has %d"
              .formatted(file, ints.length, head.name(), head.rows()));
    }
    return ints;
  }

  /** Writes a fleet. The scale is multiplied into the queries, which are float16 as all vectors. */
  public static void write(Path directory, Fleet fleet) throws IOException {
    String name = fleet.head().name();
    FileHeads.write(directory, fleet.head());
    NpyWriter.writeInts(file(directory, name, "S"), fleet.sequences());
    if (fleet.items().isPresent()) {
      NpyWriter.writeInts(file(directory, name, "I"), fleet.items().get());
    }
  }

  private static Path file(Path directory, String name, String part) {
    return directory.resolve(name + "_" + part + ".npy");
  }
}
