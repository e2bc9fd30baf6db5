// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.ANCHORS_FILE;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.sketch.anchors.AnchorFile;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Reads the options about anchor sets, and the sets in the files that {@code anchors.file} lists.
 */
final class AnchorsReader {

  /** The client sends the sets to every task with the job. */
  private static final int LARGEST_FILE = 64 << 20;

  private static final int MOST_KEPT = 1_000;

  private final OptionValues values;

  AnchorsReader(OptionValues values) {
    this.values = values;
  }

  /** Returns the options about anchor sets. Adds problems to the values. */
  AnchorOptions anchors(List<HeadSpec> heads) {
    boolean learn =
        values.of(OnepassOptions.ANCHORS_LEARN) && heads.stream().anyMatch(HeadSpec::usesSets);
    return new AnchorOptions(
        given(heads),
        values.whole(OnepassOptions.ANCHORS_KEEP, 1, MOST_KEPT),
        learn,
        values.whole(OnepassOptions.ANCHORS_COUNT, 1, AnchorSet.MAX_ANCHORS),
        values.time(OnepassOptions.ANCHORS_LEARN_AFTER),
        values.size(OnepassOptions.ANCHORS_FACTOR_CACHE),
        values.size(OnepassOptions.ANCHORS_HELD_BYTES));
  }

  /** Returns the sets in the files. Skips sets of heads that this job does not have. */
  private List<StoredAnchorSet> given(List<HeadSpec> heads) {
    String files = values.of(ANCHORS_FILE);
    if (files == null) {
      return List.of();
    }
    Map<String, StoredAnchorSet> given = new LinkedHashMap<>();
    for (String file : files.split(",", -1)) {
      if (file.isBlank()) {
        complain(file, "is not a path; write paths, separated by single commas");
        continue;
      }
      List<AnchorFile.Entry> entries = read(file.trim());
      int before = given.size();
      for (AnchorFile.Entry entry : entries) {
        heads.stream()
            .filter(head -> head.name().equals(entry.head()))
            .forEach(head -> add(file.trim(), head, entry.set(), given));
      }
      if (!entries.isEmpty() && given.size() == before && values.problems().isEmpty()) {
        complain(
            file.trim(),
            "has no set of the heads %s; add its heads to heads, or remove the file"
                .formatted(Shown.text("" + heads.stream().map(HeadSpec::name).toList())));
      }
    }
    return new ArrayList<>(given.values());
  }

  private void add(String file, HeadSpec head, AnchorSet set, Map<String, StoredAnchorSet> given) {
    Optional<String> refusal = head.refusal(set);
    if (refusal.isPresent()) {
      complain(file, "has a set that cannot be used: " + refusal.get() + "; create the set again");
      return;
    }
    StoredAnchorSet stored = StoredAnchorSet.of(head.name(), set.version(), set.toByteArray());
    StoredAnchorSet other = given.putIfAbsent(stored.name(), stored);
    if (other != null && !Arrays.equals(other.bytes(), stored.bytes())) {
      complain(
          file,
          "has a version %d of head '%s' that differs from an earlier one with that number; give it a higher version"
              .formatted(set.version(), head.name()));
    }
  }

  private List<AnchorFile.Entry> read(String file) {
    try {
      Path path = new Path(file);
      FileSystem files = path.getFileSystem();
      long length = files.getFileStatus(path).getLen();
      if (length > LARGEST_FILE) {
        complain(file, "is larger than 64 MiB; publish the sets to topics.anchors instead");
        return List.of();
      }
      try (FSDataInputStream in = files.open(path)) {
        List<AnchorFile.Entry> entries = AnchorFile.fromByteArray(in.readAllBytes());
        if (entries.isEmpty()) {
          complain(file, "is empty");
        }
        return entries;
      }
    } catch (FileNotFoundException e) {
      complain(file, "does not exist; set a path that flink run can read");
    } catch (CorruptSketchException e) {
      complain(file, "is not a file of anchor sets: " + e.getMessage());
    } catch (IOException | RuntimeException e) {
      complain(
          file, "cannot be read: " + Shown.sentence(e.getMessage()) + "; set the path of a file");
    }
    return List.of();
  }

  private void complain(String file, String sentence) {
    values.complain("%s: %s %s".formatted(ANCHORS_FILE.key(), Shown.quoted(file), sentence));
  }
}
