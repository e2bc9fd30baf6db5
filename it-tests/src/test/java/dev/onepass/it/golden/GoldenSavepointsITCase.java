// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.state.api.OperatorIdentifier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Restores the golden savepoints, and asks the restored jobs. {@code -Dgolden=make} first makes the
 * savepoints of the present format that are missing.
 *
 * <p>A test has other brokers than the job that made the savepoint, so the topics are new, and the
 * job must say of all older sequences that they may lack tokens. All else must be as it was: to the
 * job, a new topic is one that was deleted and created again, which it reads from its beginning.
 */
class GoldenSavepointsITCase {

  private static final String HOW_TO_MAKE =
      "make it with: mvn -B -pl it-tests -am verify -Dtest=none"
          + " -Dit.test=GoldenSavepointsITCase -Dgolden=make"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false";

  private static final long MOST_BYTES = 300_000;
  private static final long MOST_BYTES_OF_ALL = 2_000_000;

  /** Names of states. Those that are only read from older savepoints are not here. */
  private static final Set<String> STATES =
      Set.of(
          "header",
          "pending",
          "sketch",
          "queries",
          "waiting-events",
          "waiting-index",
          "shadow",
          "shadow-tokens",
          "anchor-sets",
          "holes",
          "sequence-counts",
          "most-shards",
          "parts",
          "gathered",
          "early-events",
          "passed",
          "progress",
          "sampled-queries",
          "sampled-keys",
          "tally",
          "queries-sequences",
          "keys-sequences",
          "queries-held",
          "keys-held");

  private static final Path ARCHITECTURE =
      Path.of(System.getProperty("basedir", "."), "../docs/architecture.md");

  @TempDir static Path directory;

  private static GoldenCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    if ("make".equals(System.getProperty("golden"))) {
      Making.makeAll(Files.createDirectories(directory.resolve("making")));
    }
    cluster = GoldenCluster.start(Files.createDirectories(directory.resolve("restoring")));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** Returns all savepoints that are there, and those that should be. */
  static Stream<GoldenSavepoint> savepoints() throws IOException {
    Set<GoldenSavepoint> all = new LinkedHashSet<>(GoldenSavepoint.all());
    for (Scenario scenario : Scenarios.chosen()) {
      all.add(GoldenSavepoint.current(scenario.name()));
    }
    return all.stream().filter(golden -> Scenarios.isChosen(golden.name()));
  }

  /** A restored job replies as one that was not stopped, and so it does after more tokens. */
  @ParameterizedTest
  @MethodSource("savepoints")
  void aRestoredJobReplies(GoldenSavepoint golden) throws Exception {
    assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
    Path copy = directory.resolve("copies").resolve(golden.toString());
    golden.copyTo(copy);
    Script script = golden.script();
    String topics = script.options().get("topics.tokens").replaceFirst("\\.tokens$", "");
    try (Conversation conversation = new Conversation(cluster, topics)) {
      cluster.submit(script.options(), copy);
      try {
        if (script.marked() != null) {
          conversation.awaitMark(script.marked().sequence(), script.marked().head());
        }
        for (Step step : script.steps()) {
          Step heard = conversation.play(step);
          Replies.assertSame(heard.replies(), step.replies(), script.incomplete());
          assertThat(heard.letters()).containsExactlyInAnyOrderElementsOf(step.letters());
          assertThat(heard.sets()).isEqualTo(step.sets());
        }
        assertThat(conversation.unexpected()).isEmpty();
        if (script.shadows()) {
          assertThat(cluster.observed("trueErrorPpm")).isPositive();
        }
        cluster.failIfEnded();
      } finally {
        cluster.cancel();
        // Another format may have the same topics.
        conversation.deleteTopics();
      }
    }
  }

  /** What the documentation promises to keep is in some savepoint. */
  @Test
  void everyOperatorIsInSomeSavepoint() throws Exception {
    assumeThat(Scenarios.areAllChosen()).isTrue();
    Set<String> uids = uidsKeptForEver();
    assertThat(uids).contains("sequences", "sink").hasSizeGreaterThan(10);
    Set<String> found = new TreeSet<>();
    for (Scenario scenario : Scenarios.chosen()) {
      GoldenSavepoint golden = GoldenSavepoint.current(scenario.name());
      assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
      Set<String> ids =
          golden.operators().stream()
              .map(operator -> operator.getOperatorID().toHexString())
              .collect(Collectors.toSet());
      uids.stream().filter(uid -> ids.contains(id(uid))).forEach(found::add);
    }
    assertThat(found).isEqualTo(uids);
  }

  /** Brokers that do not know the transaction must not stop the job. */
  @Test
  void aTransactionIsPending() throws Exception {
    GoldenSavepoint golden = GoldenSavepoint.current("exactly-once");
    assumeThat(Scenarios.isChosen(golden.name())).isTrue();
    assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
    // The id of a transaction: prefix, uid of the sink, subtask, number.
    assertThat(golden.text()).containsPattern("golden-sink:-0-[0-9]+");
  }

  /** Heavy keys of the set's format 2 that fills its bytes, of power 2, with entries. */
  @Test
  void heavyKeysAreKept() throws Exception {
    GoldenSavepoint golden = GoldenSavepoint.current("heavy");
    assumeThat(Scenarios.isChosen(golden.name())).isTrue();
    assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
    assertThat(golden.text()).containsPattern("(?s)OH\\x02\\x0a.{40}[^\\x00]");
  }

  /** A sequence of projected keys is exact no more, and its replies name the set. */
  @Test
  void projectedKeysAreKept() throws Exception {
    GoldenSavepoint golden = GoldenSavepoint.current("wide");
    assumeThat(Scenarios.isChosen(golden.name())).isTrue();
    assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
    Map<String, JsonNode> replies = new TreeMap<>();
    golden
        .script()
        .steps()
        .get(0)
        .replies()
        .forEach(reply -> replies.put(reply.get("query_id").textValue(), reply));
    assertThat(replies.get("whole").get("exact").booleanValue()).isTrue();
    assertThat(replies.get("clustered").get("anchors_version").isNull()).isTrue();
    for (String projected : List.of("projected", "folded")) {
      assertThat(replies.get(projected).get("exact").booleanValue()).as(projected).isFalse();
      assertThat(replies.get(projected).get("anchors_version").intValue()).isEqualTo(1);
    }
  }

  /** A state without entries would prove nothing. */
  @Test
  void everyStateHasEntriesInSomeSavepoint() throws Exception {
    assumeThat(Scenarios.areAllChosen()).isTrue();
    Map<String, Integer> entries = new TreeMap<>();
    for (Scenario scenario : Scenarios.chosen()) {
      GoldenSavepoint golden = GoldenSavepoint.current(scenario.name());
      assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
      SavepointStates.count(golden)
          .forEach((state, count) -> entries.merge(state, count, Integer::sum));
    }
    assertThat(entries.keySet()).containsAll(STATES);
    Set<String> empty = new TreeSet<>(STATES);
    empty.removeIf(state -> entries.get(state) > 0);
    assertThat(empty).as("states without entries").isEmpty();
    // Others are Flink's: timers, sources, sinks.
    entries.keySet().removeIf(state -> STATES.contains(state) || !state.matches("[a-z-]+"));
    assertThat(entries.keySet()).as("states that are in no list").isEmpty();
  }

  /** A family counts when one of its sequences has outgrown exact mode. */
  @Test
  void everyFamilyIsInSomeSavepoint() throws Exception {
    assumeThat(Scenarios.areAllChosen()).isTrue();
    Set<String> families = new TreeSet<>();
    for (Scenario scenario : Scenarios.chosen()) {
      GoldenSavepoint golden = GoldenSavepoint.current(scenario.name());
      assertThat(golden.exists()).as("%s is there; %s", golden, HOW_TO_MAKE).isTrue();
      for (JsonNode reply : golden.script().steps().get(0).replies()) {
        String family = reply.path("sketch").asText();
        if (!reply.path("exact").asBoolean() || family.equals("exact")) {
          families.add(family);
        }
      }
    }
    assertThat(families)
        .containsExactlyInAnyOrder(
            "exact", "hybrid", "anchors", "cluster", "polynomial", "onepass", "ridge");
  }

  private static String id(String uid) {
    return OperatorIdentifier.forUid(uid).getOperatorId().toHexString();
  }

  /** Reads the list of the section about what is frozen. */
  private static Set<String> uidsKeptForEver() throws IOException {
    String page = Files.readString(ARCHITECTURE);
    int begin = page.indexOf("\n- uids of operators:");
    assertThat(begin).as("a list of uids in %s", ARCHITECTURE).isPositive();
    String list = page.substring(begin, page.indexOf("\n- ", begin + 1));
    return Pattern.compile("`([^`]+)`")
        .matcher(list)
        .results()
        .map(MatchResult::group)
        .map(word -> word.substring(1, word.length() - 1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** They stay in the history of the repository for ever. */
  @Test
  void theyAreSmall() throws Exception {
    List<GoldenSavepoint> all = GoldenSavepoint.all();
    long sum = 0;
    for (GoldenSavepoint golden : all) {
      assertThat(golden.bytes()).as("bytes of %s", golden).isLessThan(MOST_BYTES);
      sum += golden.bytes();
    }
    assertThat(sum).as("bytes of all").isLessThan(MOST_BYTES_OF_ALL);
  }
}
