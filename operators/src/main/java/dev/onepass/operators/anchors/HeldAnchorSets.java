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
 * The anchor sets of all heads: what broadcast state holds, parsed once, and the rules by which a
 * set gets there. The first content of a version stays, the newest versions are kept, the highest
 * is current. Subtasks that receive the same sets of a head in the same order hold the same.
 *
 * <p>An older version is let go at a start alone, and only if no sequence of any subtask had
 * adopted it at the checkpoint: its sequences can do nothing without it. Between starts a subtask
 * does not know what others adopt, so a version that is not among the newest any more stays; the
 * bytes of those are bounded by refusing newer ones. A version that sequences have adopted is taken
 * however old it is.
 *
 * <p>A set that arrives while the job runs becomes current when it is prepared, so that folds do
 * not wait for it. The sets of a restored state, those that are given, and those that the topic has
 * at the start of a head without any in that state, are current at once: a sequence must not begin
 * without the set that it would have had before the restart.
 */
public final class HeldAnchorSets {

  private static final Logger LOG = LoggerFactory.getLogger(HeldAnchorSets.class);

  private final BroadcastState<String, StoredAnchorSet> state;
  private final int keep;
  private final long heldBytes;
  private final AdoptedVersions adopted;
  private final Map<String, NavigableMap<Integer, ParsedAnchorSet>> byHead = new HashMap<>();
  private final Set<String> restoredHeads;

  /** Names of the sets that are current without being prepared. */
  private final Set<String> currentAtOnce = new HashSet<>();

  /** Names of the sets that no sequence can have adopted. */
  private final Set<String> unadopted = new HashSet<>();

  private volatile Sums sums = new Sums(0, 0, 0);

  /** What is held, for the metrics. */
  private record Sums(int count, int older, long bytes) {}

  /**
   * What the state holds, less the versions that nobody needs.
   *
   * @param options how many versions of a head are kept in any case, and how many bytes of others
   * @param adopted by the sequences of all subtasks, at the checkpoint
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
      takeUp(stored);
    }
    restoredHeads = Set.copyOf(byHead.keySet());
    for (String head : restoredHeads) {
      letGo(head);
    }
    // Now that sequences go on, they may adopt any of the others.
    unadopted.clear();
  }

  private void takeUp(StoredAnchorSet stored) throws Exception {
    try {
      ParsedAnchorSet set = ParsedAnchorSet.of(stored.bytes());
      hold(stored.head(), set);
      currentAtOnce.add(stored.name());
      if (!adopted.mayHave(stored.head(), set.set().version())) {
        unadopted.add(stored.name());
      }
    } catch (CorruptSketchException e) {
      LOG.error(
          "anchor set {} of the savepoint cannot be used and is dropped: {}; records of sequences that adopted it are dead letters",
          stored.name(),
          e.getMessage());
      state.remove(stored.name());
    }
  }

  /** Takes a set of the options like {@link #take}, before the first record. */
  public Optional<String> takeGiven(String head, ParsedAnchorSet set) throws Exception {
    Optional<String> refusal = takeAtStart(head, set);
    if (versions(head).get(set.set().version()) == set) {
      currentAtOnce.add(name(head, set));
    }
    return refusal;
  }

  /** Takes a set of the topic like {@link #take}, before the first record. */
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

  /** Ends the start: from now on sequences may adopt what it brought. */
  public void started() {
    unadopted.clear();
    adopted.forEach(
        (head, version) -> {
          if (!versions(head).containsKey(version)) {
            LOG.warn(
                "version {} of the anchor sets of head {}, which sequences adopted, is neither in the savepoint nor on the topic: their records are dead letters until it is published again",
                version,
                head);
          }
        });
  }

  /**
   * Takes a set, unless its version is held already or is older than those that are kept.
   *
   * @return why it is refused, or nothing if it is not
   */
  public Optional<String> take(String head, ParsedAnchorSet set) throws Exception {
    int version = set.set().version();
    ParsedAnchorSet held = versions(head).get(version);
    if (held != null) {
      return held == set || Arrays.equals(held.bytes(), set.bytes())
          ? Optional.empty()
          : Optional.of(
              "version %d of the anchors of head %s is known with other content; publish it under a higher version"
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
        beyond(then).stream()
            .filter(other -> !unadopted.contains(name(head, other)))
            .mapToLong(other -> other.bytes().length)
            .sum();
    if (older > heldBytes) {
      return Optional.of(
          "with version %d of the anchors of head %s its versions before the newest %d would take %d bytes, more than the %d of anchors.held-bytes; restart the job from a savepoint, which lets go of those that no sequence has adopted, or raise anchors.held-bytes or anchors.keep"
              .formatted(set.set().version(), head, keep, older, heldBytes));
    }
    hold(head, set);
    letGo(head);
    return Optional.empty();
  }

  /** Puts the process's own copy of the bytes in place of those that were read from a savepoint. */
  private void hold(String head, ParsedAnchorSet set) throws Exception {
    StoredAnchorSet stored = StoredAnchorSet.of(head, set.set().version(), set.bytes());
    state.put(stored.name(), stored);
    byHead.computeIfAbsent(head, name -> new TreeMap<>()).put(set.set().version(), set);
    sumUp();
  }

  /** Drops versions that are not among the newest, if no sequence can have adopted them. */
  private void letGo(String head) throws Exception {
    for (ParsedAnchorSet old : beyond(versions(head))) {
      String name = name(head, old);
      if (unadopted.contains(name)) {
        byHead.get(head).remove(old.set().version());
        currentAtOnce.remove(name);
        state.remove(name);
      }
    }
    sumUp();
  }

  /** Those that are not among the newest versions. */
  private List<ParsedAnchorSet> beyond(NavigableMap<Integer, ParsedAnchorSet> versions) {
    return versions.descendingMap().values().stream().skip(keep).toList();
  }

  private void sumUp() {
    List<ParsedAnchorSet> all =
        byHead.values().stream().map(Map::values).flatMap(Collection::stream).toList();
    int older = byHead.values().stream().mapToInt(versions -> beyond(versions).size()).sum();
    sums = new Sums(all.size(), older, all.stream().mapToLong(set -> set.bytes().length).sum());
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

  /** Returns how many sets are held, of all heads and versions. */
  public int count() {
    return sums.count();
  }

  /** Returns how many of them are not among the newest of their heads that are kept in any case. */
  public int olderThanKept() {
    return sums.older();
  }

  /** Returns the bytes of the sets that are held, as they are written into checkpoints. */
  public long bytes() {
    return sums.bytes();
  }

  /** Returns the highest version of a head, prepared or not. */
  public Optional<AnchorSet> newest(HeadSpec head) {
    return usable(head).findFirst();
  }

  /** None for keys of another length, from before the head's dimensions were changed. */
  private Stream<AnchorSet> usable(HeadSpec head) {
    return versions(head.name()).descendingMap().values().stream()
        .map(ParsedAnchorSet::set)
        .filter(set -> set.keyDim() == head.keyDim());
  }

  private boolean isReady(HeadSpec head, AnchorSet set) {
    return currentAtOnce.contains(name(head.name(), set)) || SetPreparation.isPrepared(head, set);
  }

  /** A head's sets as they are at each moment. */
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
