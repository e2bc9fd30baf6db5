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
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.common.state.BroadcastState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The anchor sets of all heads: what broadcast state holds, parsed once, and the rules by which a
 * set gets there. The first content of a version stays, the newest versions are kept, the highest
 * is current. Subtasks that are told the same sets of a head in the same order hold the same.
 */
final class HeldAnchorSets {

  private static final Logger LOG = LoggerFactory.getLogger(HeldAnchorSets.class);

  private final BroadcastState<String, StoredAnchorSet> state;
  private final int keep;
  private final Map<String, NavigableMap<Integer, ParsedAnchorSet>> byHead = new HashMap<>();

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
        hold(stored.head(), ParsedAnchorSet.of(stored.bytes()));
      } catch (CorruptSketchException e) {
        LOG.error("anchor set {} of the savepoint cannot be read: {}", stored.name(), e.toString());
      }
    }
    for (String head : byHead.keySet()) {
      retire(head);
    }
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

  /** A head's sets as they are at each moment. */
  AnchorSets of(HeadSpec head) {
    return new AnchorSets() {
      /** Not one for keys of another length, from before the head's dimensions were changed. */
      @Override
      public Optional<AnchorSet> current() {
        return versions(head.name()).descendingMap().values().stream()
            .map(ParsedAnchorSet::set)
            .filter(set -> set.keyDim() == head.keyDim())
            .findFirst();
      }

      @Override
      public Optional<AnchorSet> version(int version) {
        return Optional.ofNullable(versions(head.name()).get(version)).map(ParsedAnchorSet::set);
      }
    };
  }
}
