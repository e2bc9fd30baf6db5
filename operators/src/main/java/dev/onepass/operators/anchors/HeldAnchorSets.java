// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.operators.census.AdoptedVersions;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.BroadcastState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The anchor sets of all heads that a subtask holds in broadcast state, and the rules by which they
 * get there. The first content of a version stays. The newest versions of a head are kept. The
 * highest version is current. Subtasks that receive the sets of a head in the same order hold the
 * same sets.
 *
 * <p>An older version is dropped only at a start, and only if no sequence of any subtask had
 * adopted it at the checkpoint: sequences cannot work without the version that they adopted.
 * Between starts a subtask does not know what the sequences of other subtasks adopt, so it keeps
 * the versions that are no longer among the newest. To bound their bytes, it refuses newer
 * versions. A version that sequences have adopted is always taken, however old it is.
 *
 * <p>A set that arrives while the job runs becomes current when it is prepared, so that folds do
 * not wait for it. Sets of a restored state and given sets are current at once, and so are sets
 * that the topic has at the start for a head without any set in the restored state: a sequence must
 * not leave exact mode without the set that it would have had before the restart.
 */
public final class HeldAnchorSets {

  private static final Logger LOG = LoggerFactory.getLogger(HeldAnchorSets.class);

  private final BroadcastState<String, StoredAnchorSet> state;
  private final int keep;
  private final long heldBytes;
  private final AdoptedVersions adopted;
  private final Map<String, NavigableMap<Integer, ParsedAnchorSet>> byHead = new HashMap<>();
  private final Set<String> restoredHeads;

  /** Names of the sets that may be current before they are prepared. */
  private final Set<String> currentAtOnce = new HashSet<>();

  /** Names of the sets that no sequence of any subtask can have adopted. */
  private final Set<String> unadopted = new HashSet<>();

  private volatile Totals totals = new Totals(0, 0, 0);

  /** Totals for the metrics, which other threads read. */
  private record Totals(int count, int older, long bytes) {}

  /**
   * Restores the sets of the broadcast state, and drops the older versions that no sequence needs.
   *
   * @param state broadcast state of the sets
   * @param options limits on the versions and bytes of a head
   * @param adopted versions that the sequences of all subtasks had adopted at the checkpoint
   */
  public HeldAnchorSets(
      BroadcastState<String, StoredAnchorSet> state, AnchorOptions options, AdoptedVersions adopted)
      throws Exception {
    this.state = state;
    this.adopted = adopted;
    keep = options.keep();
    heldBytes = options.heldBytes();
    List<StoredAnchorSet> restored = new ArrayList<>();
    state.entries().forEach(entry -> restored.add(entry.getValue()));
    for (StoredAnchorSet stored : restored) {
      restore(stored);
    }
    restoredHeads = Set.copyOf(byHead.keySet());
    for (String head : restoredHeads) {
      dropUnadopted(head);
    }
    // From here on, sequences may adopt any of the sets that are left.
    unadopted.clear();
  }

  private void restore(StoredAnchorSet stored) throws Exception {
    try {
      ParsedAnchorSet set = ParsedAnchorSet.of(stored.bytes());
      hold(stored.head(), set);
      currentAtOnce.add(stored.name());
      if (!adopted.mayHave(stored.head(), set.set().version())) {
        unadopted.add(stored.name());
      }
    } catch (CorruptSketchException e) {
      LOG.error(
          "anchor set {} of the savepoint is not usable and is dropped: {}; records of sequences that adopted it become dead letters until it is published again",
          stored.name(),
          e.getMessage());
      state.remove(stored.name());
    }
  }

  /**
   * Takes a set of the options before the first record.
   *
   * @return the reason why the set is refused, or nothing if it is not
   */
  public Optional<String> takeGiven(String head, ParsedAnchorSet set) throws Exception {
    Optional<String> refusal = takeAtStart(head, set);
    ParsedAnchorSet held = versions(head).get(set.set().version());
    if (held != null && Arrays.equals(held.bytes(), set.bytes())) {
      currentAtOnce.add(name(head, set));
    }
    return refusal;
  }

  /**
   * Takes a set of the topic before the first record.
   *
   * @return the reason why the set is refused, or nothing if it is not
   */
  public Optional<String> takeAtStart(String head, ParsedAnchorSet set) throws Exception {
    String name = name(head, set);
    boolean isNew = !state.contains(name);
    if (isNew && !adopted.has(head, set.set().version())) {
      unadopted.add(name);
    }
    Optional<String> refusal = take(head, set);
    if (isNew && !restoredHeads.contains(head) && state.contains(name)) {
      currentAtOnce.add(name);
    }
    return refusal;
  }

  /** Ends the start: from now on, sequences may adopt any set that is held. */
  public void started() {
    unadopted.clear();
    adopted.forEach(
        (head, version) -> {
          if (!versions(head).containsKey(version)) {
            LOG.warn(
                "head {}: sequences adopted version {} of the anchor set, which is neither in the savepoint nor on the topic; their records become dead letters until it is published again",
                head,
                version);
          }
        });
  }

  /**
   * Takes a set. Ignores it if it is held already, or if it is older than the versions that are
   * kept.
   *
   * @return the reason why the set is refused, or nothing if it is not
   */
  public Optional<String> take(String head, ParsedAnchorSet set) throws Exception {
    int version = set.set().version();
    ParsedAnchorSet held = versions(head).get(version);
    if (held != null) {
      return Arrays.equals(held.bytes(), set.bytes())
          ? Optional.empty()
          : Optional.of(
              "version %d of the anchor set of head %s is already known with other content; publish it under a higher version"
                  .formatted(version, head));
    }
    if (adopted.has(head, version)) {
      hold(head, set);
    } else if (versions(head).tailMap(version, false).size() < keep) {
      return takeNewer(head, set);
    }
    return Optional.empty();
  }

  private Optional<String> takeNewer(String head, ParsedAnchorSet set) throws Exception {
    NavigableMap<Integer, ParsedAnchorSet> then = new TreeMap<>(versions(head));
    then.put(set.set().version(), set);
    long older =
        olderVersions(then).stream()
            .filter(other -> !unadopted.contains(name(head, other)))
            .mapToLong(other -> other.bytes().length)
            .sum();
    if (older > heldBytes) {
      return Optional.of(
          "version %d of the anchor set of head %s would raise the bytes of versions older than the newest %d to %d, but anchors.held-bytes is %d; restart the job from a savepoint, which drops the versions that no sequence has adopted, or raise anchors.held-bytes or anchors.keep"
              .formatted(set.set().version(), head, keep, older, heldBytes));
    }
    hold(head, set);
    dropUnadopted(head);
    return Optional.empty();
  }

  /** Puts a set into the state; the bytes are the copy that the whole process shares. */
  private void hold(String head, ParsedAnchorSet set) throws Exception {
    StoredAnchorSet stored = StoredAnchorSet.of(head, set.set().version(), set.bytes());
    state.put(stored.name(), stored);
    byHead.computeIfAbsent(head, name -> new TreeMap<>()).put(set.set().version(), set);
    updateTotals();
  }

  /** Drops the older versions that no sequence can have adopted. */
  private void dropUnadopted(String head) throws Exception {
    for (ParsedAnchorSet old : olderVersions(versions(head))) {
      String name = name(head, old);
      if (unadopted.contains(name)) {
        byHead.get(head).remove(old.set().version());
        currentAtOnce.remove(name);
        state.remove(name);
      }
    }
    updateTotals();
  }

  /** Returns the versions that are not among the newest. */
  private List<ParsedAnchorSet> olderVersions(NavigableMap<Integer, ParsedAnchorSet> versions) {
    return versions.descendingMap().values().stream().skip(keep).toList();
  }

  private void updateTotals() {
    List<ParsedAnchorSet> all =
        byHead.values().stream().map(Map::values).flatMap(Collection::stream).toList();
    int older = byHead.values().stream().mapToInt(versions -> olderVersions(versions).size()).sum();
    totals = new Totals(all.size(), older, all.stream().mapToLong(set -> set.bytes().length).sum());
  }

  private static String name(String head, ParsedAnchorSet set) {
    return name(head, set.set());
  }

  private static String name(String head, AnchorSet set) {
    return StoredAnchorSet.of(head, set.version(), null).name();
  }

  private NavigableMap<Integer, ParsedAnchorSet> versions(String head) {
    return byHead.getOrDefault(head, Collections.emptyNavigableMap());
  }

  /** Returns the number of sets that are held, of all heads and versions. */
  public int count() {
    return totals.count();
  }

  /** Returns how many of the held sets are not among the newest versions of their heads. */
  public int olderThanKept() {
    return totals.older();
  }

  /** Returns the bytes that the held sets take in a checkpoint. */
  public long bytes() {
    return totals.bytes();
  }

  /** Returns the highest version of a head, prepared or not. */
  public Optional<AnchorSet> newest(HeadSpec head) {
    return usable(head).findFirst();
  }

  /**
   * Returns the sets for the present length of keys and the present columns, newest first. Others
   * are from before the head's settings changed.
   */
  private Stream<AnchorSet> usable(HeadSpec head) {
    return versions(head.name()).descendingMap().values().stream()
        .map(ParsedAnchorSet::set)
        .filter(head::suits);
  }

  private boolean isReady(HeadSpec head, AnchorSet set) {
    return currentAtOnce.contains(name(head.name(), set)) || SetPreparation.isPrepared(head, set);
  }

  /** Returns a view of a head's sets that follows later changes. */
  public AnchorSets of(HeadSpec head) {
    return new AnchorSets() {
      @Override
      public Optional<AnchorSet> current() {
        return usable(head).filter(set -> isReady(head, set)).findFirst();
      }

      @Override
      public Optional<AnchorSet> version(int version) {
        return Optional.ofNullable(versions(head.name()).get(version)).map(ParsedAnchorSet::set);
      }
    };
  }
}
