// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import dev.onepass.datasets.npy.NpyFile;
import dev.onepass.datasets.npy.NpyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Heads read from {@code NAME_Q.npy}, {@code NAME_K.npy} and {@code NAME_V.npy}; the logits are Q
 * K'.
 *
 * @param directory with the files
 * @param names of the heads to read
 */
public record FileHeads(Path directory, List<String> names) implements Heads {

  @Override
  public List<Head> load(int rows) throws IOException {
    List<Head> heads = new ArrayList<>();
    for (String name : names) {
      NpyFile q = part(name, "Q", rows);
      NpyFile k = part(name, "K", rows);
      NpyFile v = part(name, "V", rows);
      if (q.columns() != k.columns() || q.rows() != k.rows() || v.rows() != k.rows()) {
        throw new IOException(
            "the files of head " + name + " have different numbers of rows or columns");
      }
      heads.add(
          new Head(
              name, k.rows(), k.columns(), v.columns(), q.values(), k.values(), v.values(), 1));
    }
    return heads;
  }

  /** Checks that all files exist, so that a missing file is reported before a long run begins. */
  public void require() throws IOException {
    for (String name : names) {
      file(name, "Q");
      file(name, "K");
      file(name, "V");
    }
  }

  private NpyFile part(String name, String part, int rows) throws IOException {
    return NpyFile.read(file(name, part), rows);
  }

  private Path file(String name, String part) throws IOException {
    Path file = directory.resolve(name + "_" + part + ".npy");
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          file + " does not exist; --data takes a directory with HEAD_{Q,K,V}.npy");
    }
    return file;
  }

  /** Writes a head as float16 files. The scale is multiplied into the queries. */
  public static void write(Path directory, Head head) throws IOException {
    write(directory, head, "Q", head.queries(), head.keyDim(), head.scale());
    write(directory, head, "K", head.keys(), head.keyDim(), 1);
    write(directory, head, "V", head.values(), head.valueDim(), 1);
  }

  private static void write(
      Path directory, Head head, String part, float[] values, int columns, double factor)
      throws IOException {
    Path file = directory.resolve(head.name() + "_" + part + ".npy");
    NpyWriter.writeHalves(file, head.rows(), columns, values, factor);
  }
}
