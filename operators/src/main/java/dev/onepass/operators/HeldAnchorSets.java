package dev.onepass.operators;

import dev.onepass.operators.event.StoredAnchorSet;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.ArrayList;
import java.util.Arrays;
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
 * The anchor sets of all heads: what broadcast state holds, parsed once, and the rules by which a
 * set gets there. The first content of a version stays, the newest versions are kept, the highest
 * is current. Subtasks that receive the same sets of a head in the same order hold the same.
 *
 * <p>A set that arrives while the job runs becomes current when it is prepared, so that folds do
 * not wait for it. The sets of a restored state, and those that are there from the start, are
 * current at once: a sequence must not begin without the set that it would have had before the
 * restart.
 */
final class HeldAnchorSets {

  private static final Logger LOG = LoggerFactory.getLogger(HeldAnchorSets.class);

  private final BroadcastState<String, StoredAnchorSet> state;
  private final int keep;
  private final Map<String, NavigableMap<Integer, ParsedAnchorSet>> byHead = new HashMap<>();
  private final Set<AnchorSet> thereFromTheStart = new HashSet<>();

  /**
   * What the state holds.
   *
   * @param keep versions of a head that are kept
   */
  HeldAnchorSets(BroadcastState<String, StoredAnchorSet> state, int keep) throws Exception {
    this.state = state;
    this.keep = keep;
    List<StoredAnchorSet> restored = new ArrayList<>();
    state.entries().forEach(entry -> restored.add(entry.getValue()));
    for (StoredAnchorSet stored : restored) {
      try {
        ParsedAnchorSet set = ParsedAnchorSet.of(stored.bytes());
        hold(stored.head(), set);
        thereFromTheStart.add(set.set());
      } catch (CorruptSketchException e) {
        LOG.error(
            "anchor set {} of the savepoint cannot be used and is dropped: {}; records of sequences that adopted it are dead letters",
            stored.name(),
            e.getMessage());
        state.remove(stored.name());
      }
    }
    for (String head : byHead.keySet()) {
      retire(head);
    }
  }

  /** Takes a set like {@link #take} before the first record. */
  boolean takeAtStart(String head, ParsedAnchorSet set) throws Exception {
    boolean taken = take(head, set);
    if (versions(head).get(set.set().version()) == set) {
      thereFromTheStart.add(set.set());
    }
    return taken;
  }

  /**
   * Takes a set, unless its version is held already or is older than those that are kept.
   *
   * @return false if its version is held with other content, which stays
   */
  boolean take(String head, ParsedAnchorSet set) throws Exception {
    NavigableMap<Integer, ParsedAnchorSet> versions = versions(head);
    int version = set.set().version();
    ParsedAnchorSet held = versions.get(version);
    if (held != null) {
      return held == set || Arrays.equals(held.bytes(), set.bytes());
    }
    if (versions.size() < keep || version > versions.firstKey()) {
      hold(head, set);
      retire(head);
    }
    return true;
  }

  /** Puts the process's own copy of the bytes in place of those that were read from a savepoint. */
  private void hold(String head, ParsedAnchorSet set) throws Exception {
    StoredAnchorSet stored = StoredAnchorSet.of(head, set.set().version(), set.bytes());
    state.put(stored.name(), stored);
    byHead.computeIfAbsent(head, name -> new TreeMap<>()).put(set.set().version(), set);
  }

  private void retire(String head) throws Exception {
    NavigableMap<Integer, ParsedAnchorSet> versions = versions(head);
    while (versions.size() > keep) {
      ParsedAnchorSet oldest = versions.pollFirstEntry().getValue();
      thereFromTheStart.remove(oldest.set());
      state.remove(StoredAnchorSet.of(head, oldest.set().version(), null).name());
    }
  }

  private NavigableMap<Integer, ParsedAnchorSet> versions(String head) {
    return byHead.getOrDefault(head, Collections.emptyNavigableMap());
  }

  /** Sets held, of all heads and versions. */
  int count() {
    return byHead.values().stream().mapToInt(Map::size).sum();
  }

  /** Returns the highest version of a head, prepared or not. */
  Optional<AnchorSet> newest(HeadSpec head) {
    return usable(head).findFirst();
  }

  /** None for keys of another length, from before the head's dimensions were changed. */
  private Stream<AnchorSet> usable(HeadSpec head) {
    return versions(head.name()).descendingMap().values().stream()
        .map(ParsedAnchorSet::set)
        .filter(set -> set.keyDim() == head.keyDim());
  }

  private boolean isReady(HeadSpec head, AnchorSet set) {
    return thereFromTheStart.contains(set) || SetPreparation.isPrepared(head, set);
  }

  /** A head's sets as they are at each moment. */
  AnchorSets of(HeadSpec head) {
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
