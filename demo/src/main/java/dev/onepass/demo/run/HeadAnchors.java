// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.anchors.AnchorFile;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.testkit.bytes.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ProgressBar;

/**
 * Anchor sets of the heads, as an administrator of the job would make them from early queries and
 * keys. They depend neither on the values nor on the queries of the demo.
 */
public final class HeadAnchors {
  /** Version of the sets, which the job's answers must name. */
  public static final int VERSION = 1;

  /** Upper bound on the memory to make one set, without the rows of the head. */
  private static final long MAKING_BYTES = 256L << 20;

  private final Map<HeadName, AnchorSet> sets;

  /** No sets, for sketches without anchors. */
  public static final HeadAnchors NONE = new HeadAnchors(Map.of());

  private HeadAnchors(Map<HeadName, AnchorSet> sets) {
    this.sets = sets;
  }

  /**
   * Makes the sets, in parallel as far as processors and memory allow. A head with too few rows
   * gets no set, which is reported on standard error.
   */
  public static HeadAnchors make(Map<HeadName, HeadRows> rows, long seed) throws DemoException {
    long fit = Runtime.getRuntime().maxMemory() / 4 / MAKING_BYTES;
    int threads = (int) Math.min(Runtime.getRuntime().availableProcessors(), fit);
    ExecutorService makers = Executors.newFixedThreadPool(Math.max(1, threads));
    try (ProgressBar bar = Progress.bar("anchor sets", rows.size())) {
      Map<HeadName, Future<AnchorSet>> making = new LinkedHashMap<>();
      rows.forEach(
          (head, own) ->
              making.put(
                  head,
                  makers.submit(
                      () -> {
                        AnchorSet set = make(own, seed);
                        bar.step();
                        return set;
                      })));
      Map<HeadName, AnchorSet> sets = new LinkedHashMap<>();
      for (Map.Entry<HeadName, Future<AnchorSet>> entry : making.entrySet()) {
        made(entry.getKey(), entry.getValue()).ifPresent(set -> sets.put(entry.getKey(), set));
      }
      return new HeadAnchors(sets);
    } finally {
      makers.shutdownNow();
    }
  }

  private static AnchorSet make(HeadRows rows, long seed) {
    return EarlyAnchors.make(
        VERSION,
        rows.rows(),
        rows.dim(),
        rows.queries(),
        rows.keys(),
        1 / Math.sqrt(rows.dim()),
        seed);
  }

  private static Optional<AnchorSet> made(HeadName head, Future<AnchorSet> set)
      throws DemoException {
    try {
      return Optional.of(set.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException(DemoException.IMPOSSIBLE, "Stopped.");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IllegalArgumentException reason) {
        System.err.println("%s has no anchor set: %s.".formatted(head, reason.getMessage()));
        return Optional.empty();
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Returns whether a head has a set. */
  public boolean has(HeadName head) {
    return sets.containsKey(head);
  }

  /** Returns whether no head has a set. */
  public boolean isEmpty() {
    return sets.isEmpty();
  }

  /** Writes all sets into one file, for the job's {@code anchors.file}. */
  public void write(Path file) throws IOException {
    List<AnchorFile.Entry> entries = new ArrayList<>();
    sets.forEach((head, set) -> entries.add(new AnchorFile.Entry(head.toString(), set)));
    Files.write(file, AnchorFile.toByteArray(entries));
  }

  /** Returns a sentence with the number of anchors, their origin and their size. */
  @Override
  public String toString() {
    int anchors = sets.values().stream().mapToInt(AnchorSet::count).max().orElse(0);
    long bytes = sets.values().stream().mapToLong(set -> set.toByteArray().length).max().orElse(0);
    return "Anchor sets: version %d, up to %d anchors per head from the first %.0f %% of its queries and keys, %s shared by all sequences of a head."
        .formatted(VERSION, anchors, 100 * EarlyAnchors.SHARE, ByteSize.format(bytes));
  }
}
