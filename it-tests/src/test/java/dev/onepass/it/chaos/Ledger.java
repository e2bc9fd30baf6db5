// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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

/** Records queries that were sent, and the answers that a reader received to them. */
final class Ledger {

  private final Map<String, Vectors> sequences;
  private final Map<String, Asked> asked = new LinkedHashMap<>();
  private final Map<String, List<Answer>> answers = new LinkedHashMap<>();
  private final Set<String> refused = new LinkedHashSet<>();

  Ledger(Map<String, Vectors> sequences) {
    this.sequences = sequences;
  }

  /** Notes a query that was sent. */
  synchronized void ask(Asked query) {
    asked.put(query.queryId(), query);
  }

  /** Notes an answer that was read. */
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

  /** Returns the queries that have neither an answer nor a dead letter so far. */
  synchronized List<Asked> open() {
    return asked.values().stream()
        .filter(query -> !answers.containsKey(query.queryId()))
        .filter(query -> !refused.contains(query.queryId()))
        .toList();
  }

  /** Returns the number of queries that were answered more than once. */
  synchronized int doubled() {
    return (int) answers.values().stream().filter(some -> some.size() > 1).count();
  }

  /**
   * Returns the answers that differ from exact attention over the tokens that they claim to cover,
   * that timed out, or that do not belong to a query of their sequence.
   */
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

  /**
   * Compares the number of tokens with the last position. Positions begin at 0 and have no gaps, so
   * the two disagree if a token was lost or taken twice.
   */
  private static boolean covers(Answer answer, Vectors vectors) {
    long tokens = answer.tokens();
    return tokens <= vectors.count && (tokens == 0 || answer.position() == tokens - 1);
  }

  /**
   * Returns when the last sequence got its first answer to a query that was sent after the given
   * time; empty if a sequence has got none yet.
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
   * Returns the time from which answers flow: every sequence has got an answer to a query that was
   * sent after the given time, and no sequence is silent for longer than usual from then on.
   *
   * @param ordinary longest silence that is normal
   * @return empty if a sequence has got no such answer
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

  /** Returns the longest time between two instants for which a sequence got no answer. */
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
