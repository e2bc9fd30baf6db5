// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;

/**
 * A savepoint in the repository, and its script.
 *
 * @param directory of both; its parent is named by the number of the format
 */
record GoldenSavepoint(Path directory) {

  /** The format that is written now. Add 1 when a change makes savepoints differ. */
  static final int FORMAT = 1;

  private static final Path ALL =
      Path.of(System.getProperty("basedir", "."), "src/test/resources/golden/savepoints");

  /** Returns the place of a savepoint in the format that is written now. */
  static GoldenSavepoint current(String name) {
    return new GoldenSavepoint(ALL.resolve(Integer.toString(FORMAT)).resolve(name));
  }

  /** Returns the savepoints of all formats that are in the repository, in a fixed order. */
  static List<GoldenSavepoint> all() throws IOException {
    List<GoldenSavepoint> all = new ArrayList<>();
    for (Path format : list(ALL)) {
      for (Path directory : list(format)) {
        all.add(new GoldenSavepoint(directory));
      }
    }
    return all;
  }

  private static Collection<Path> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return new TreeSet<>(entries.toList());
    }
  }

  /** Returns the savepoint itself. */
  Path savepoint() {
    return directory.resolve("savepoint");
  }

  /** Returns whether the savepoint is in the repository. */
  boolean exists() {
    return Files.exists(savepoint().resolve("_metadata"));
  }

  /** Returns the name without the format. */
  String name() {
    return directory.getFileName().toString();
  }

  /** Reads the script. */
  Script script() throws IOException {
    return Script.read(directory);
  }

  /** Returns the bytes of all files. */
  long bytes() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(GoldenSavepoint::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads what the savepoint says of its operators. */
  Collection<OperatorState> operators() throws IOException {
    try (DataInputStream in =
        new DataInputStream(Files.newInputStream(savepoint().resolve("_metadata")))) {
      return Checkpoints.loadCheckpointMetadata(
              in, GoldenSavepoint.class.getClassLoader(), savepoint().toString())
          .getOperatorStates();
    }
  }

  /** Returns the bytes of all files of the savepoint as text, a character for each byte. */
  String text() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : list(savepoint())) {
      text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  /** Copies the savepoint's files. */
  void copyTo(Path target) throws IOException {
    copy(savepoint(), target);
  }

  /** Puts a savepoint and its script into the place of what was here. */
  void replaceBy(Path newSavepoint, Script script) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> old = Files.walk(directory)) {
        for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    copy(newSavepoint, savepoint());
    script.write(directory);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : list(from)) {
      Files.copy(file, to.resolve(file.getFileName().toString()));
    }
  }

  @Override
  public String toString() {
    return directory.getParent().getFileName() + "/" + name();
  }
}
