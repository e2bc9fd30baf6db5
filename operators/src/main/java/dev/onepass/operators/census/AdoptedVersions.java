// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The versions of anchor sets that the sequences of all subtasks had adopted at a checkpoint. Every
 * subtask that starts from the checkpoint has the same.
 *
 * <p>If the versions of some subtasks are missing, as in older savepoints, any version may be
 * adopted.
 */
public final class AdoptedVersions {

  /** The versions of a job that starts without sequences. */
  public static final AdoptedVersions NONE = new AdoptedVersions(true, Map.of());

  private final boolean known;
  private final Map<String, Set<Integer>> byHead;

  private AdoptedVersions(boolean known, Map<String, Set<Integer>> byHead) {
    this.known = known;
    this.byHead = byHead;
  }

  /**
   * Returns the versions that the counts of all subtasks name.
   *
   * @param counts counts of all subtasks
   * @param keyGroups number of key groups of the job
   */
  static AdoptedVersions of(List<HeadCount> counts, int keyGroups) {
    Map<Integer, Integer> ranges = new TreeMap<>();
    Map<String, Set<Integer>> byHead = new HashMap<>();
    for (HeadCount count : counts) {
      if (count.adopted() != null) {
        ranges.put(count.firstKeyGroup(), count.lastKeyGroup());
        byHead.computeIfAbsent(count.head(), h -> new HashSet<>()).addAll(count.adopted().keySet());
      }
    }
    int counted = ranges.entrySet().stream().mapToInt(r -> r.getValue() - r.getKey() + 1).sum();
    return new AdoptedVersions(counted == keyGroups, byHead);
  }

  /** Returns whether a sequence is known to have adopted this version of a head's sets. */
  public boolean has(String head, int version) {
    return byHead.getOrDefault(head, Set.of()).contains(version);
  }

  /** Returns whether a sequence may have adopted this version of a head's sets. */
  public boolean mayHave(String head, int version) {
    return !known || has(head, version);
  }

  /** Passes each head and version that a sequence is known to have adopted to a reader. */
  public void forEach(BiConsumer<String, Integer> reader) {
    byHead.forEach((head, versions) -> versions.forEach(version -> reader.accept(head, version)));
  }
}
