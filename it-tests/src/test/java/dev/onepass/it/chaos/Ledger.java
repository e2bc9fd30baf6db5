package dev.onepass.it.chaos;

import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What was asked, and what a reader has seen of it. */
final class Ledger {

  private final Map<String, Vectors> sequences;
  private final Map<String, Asked> asked = new LinkedHashMap<>();
  private final Map<String, List<Answer>> answers = new LinkedHashMap<>();
  private final Set<String> refused = new LinkedHashSet<>();

  Ledger(Map<String, Vectors> sequences) {
    this.sequences = sequences;
  }

  synchronized void ask(Asked query) {
    asked.put(query.queryId(), query);
  }

  synchronized void answer(Answer answer) {
    answers.computeIfAbsent(answer.queryId(), id -> new ArrayList<>()).add(answer);
  }

  /** Notes that a query is among the dead letters. */
  synchronized void refuse(String queryId) {
    refused.add(queryId);
  }

  synchronized int asked() {
    return asked.size();
  }

  synchronized int answered() {
    return answers.size();
  }

  synchronized int refused() {
    return refused.size();
  }

  /** Queries with neither an answer nor a dead letter so far. */
  synchronized List<Asked> open() {
    return asked.values().stream()
        .filter(query -> !answers.containsKey(query.queryId()))
        .filter(query -> !refused.contains(query.queryId()))
        .toList();
  }

  /** Queries that were answered more than once. */
  synchronized int doubled() {
    return (int) answers.values().stream().filter(some -> some.size() > 1).count();
  }

  /** Answers that are not what exact attention over the tokens that they claim is. */
  synchronized List<Answer> wrong() {
    return answers.values().stream().flatMap(List::stream).filter(this::isWrong).toList();
  }

  private boolean isWrong(Answer answer) {
    Asked query = asked.get(answer.queryId());
    Vectors vectors = sequences.get(answer.sequence());
    return query == null
        || vectors == null
        || !query.sequence().equals(answer.sequence())
        || answer.timedOut()
        || !answer.exact()
        || !covers(answer, vectors)
        || Oracle.isWrong(vectors, (int) answer.tokens(), query.query(), answer.outputs());
  }

  /** Positions begin at 0 and none is left out, so a lost or doubled token shows here. */
  private static boolean covers(Answer answer, Vectors vectors) {
    long tokens = answer.tokens();
    return tokens <= vectors.count && (tokens == 0 || answer.position() == tokens - 1);
  }

  /**
   * When every sequence has been answered about something that was asked since a moment; nothing
   * while one has not.
   */
  synchronized Optional<Instant> allAnsweredSince(Instant since) {
    Map<String, Instant> first =
        asked.values().stream()
            .filter(query -> query.at().isAfter(since))
            .filter(query -> answers.containsKey(query.queryId()))
            .collect(
                Collectors.toMap(
                    Asked::sequence,
                    query -> answers.get(query.queryId()).get(0).at(),
                    (one, other) -> one.isBefore(other) ? one : other));
    return first.size() < sequences.size()
        ? Optional.empty()
        : first.values().stream().max(Instant::compareTo);
  }

  /**
   * Since when answers flow: since every sequence was answered about something that was asked after
   * a moment, and since no sequence was silent for longer than is ordinary; nothing if never.
   */
  synchronized Optional<Instant> flowingSince(Instant moment, Duration ordinary) {
    return allAnsweredSince(moment)
        .map(
            flowing -> {
              Map<String, Instant> last = new LinkedHashMap<>();
              Instant since = flowing;
              for (Answer answer : inOrder()) {
                Instant before = last.put(answer.sequence(), answer.at());
                if (before != null
                    && answer.at().isAfter(since)
                    && Duration.between(before, answer.at()).compareTo(ordinary) > 0) {
                  since = answer.at();
                }
              }
              return since;
            });
  }

  private List<Answer> inOrder() {
    return answers.values().stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparing(Answer::at))
        .toList();
  }

  /** The longest time in which a sequence got no answer, between two moments. */
  synchronized Duration longestSilence(Instant from, Instant to) {
    Map<String, Instant> last = new LinkedHashMap<>();
    sequences.keySet().forEach(sequence -> last.put(sequence, from));
    Duration longest = Duration.ZERO;
    List<Answer> between =
        inOrder().stream()
            .filter(answer -> answer.at().isAfter(from) && answer.at().isBefore(to))
            .toList();
    for (Answer answer : between) {
      Duration silence = Duration.between(last.put(answer.sequence(), answer.at()), answer.at());
      longest = silence.compareTo(longest) > 0 ? silence : longest;
    }
    for (Instant since : last.values()) {
      Duration silence = Duration.between(since, to);
      longest = silence.compareTo(longest) > 0 ? silence : longest;
    }
    return longest;
  }
}
