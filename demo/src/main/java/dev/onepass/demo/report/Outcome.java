// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import dev.onepass.demo.run.HeadAnchors;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.demo.traffic.Replies;
import dev.onepass.demo.traffic.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/** The result of a run: errors of the answers, and what was lost. */
public final class Outcome {
  private static final int NAMED = 3;

  /** Largest relative error of an exact answer, which is rounded to floats. */
  static final double ROUNDING = 1e-4;

  private final Plan plan;
  private final Replies replies;
  private final HeadAnchors anchors;
  private final Map<String, Reply.Answer> answers;
  private final Map<String, double[]> errors;

  private Outcome(Plan plan, Replies replies, HeadAnchors anchors, Map<String, double[]> errors) {
    this.plan = plan;
    this.replies = replies;
    this.anchors = anchors;
    this.answers = replies.answers();
    this.errors = errors;
  }

  /**
   * Compares every answer with exact attention, on all processors.
   *
   * @param anchors anchor sets of the job
   */
  public static Outcome of(Plan plan, Replies replies, HeadAnchors anchors, Comparison comparison) {
    Map<String, double[]> errors =
        plan.questions().parallelStream()
            .filter(question -> replies.answer(question.id()).isPresent())
            .collect(
                Collectors.toConcurrentMap(
                    Question::id,
                    question ->
                        comparison.errors(question, replies.answer(question.id()).orElseThrow())));
    return new Outcome(plan, replies, anchors, new HashMap<>(errors));
  }

  Plan plan() {
    return plan;
  }

  /** Returns the state of a sequence at the end; null if the job did not report it. */
  Reply.Stats stats(Sequence sequence) {
    return replies.stats(sequence.statsId()).orElse(null);
  }

  /** Returns the figures of some queries. */
  Figures figures(List<Question> questions) {
    return Figures.of(questions, answers, errors);
  }

  /** Returns all violations, one sentence each; empty after a good run. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    replies.failure().ifPresent(problems::add);
    Set<String> early = new HashSet<>();
    List<String> unanswered = new ArrayList<>();
    for (Question question : plan.questions()) {
      String name = question.id() + " about " + question.sequence().id();
      replies
          .answer(question.id())
          .ifPresentOrElse(
              answer -> {
                if (answer.timedOut() || answer.tokens() < question.asOf()) {
                  early.add(name);
                }
              },
              () -> unanswered.add(name));
    }
    add(problems, "unanswered queries", unanswered);
    add(
        problems,
        "queries answered before the sequence had as_of tokens",
        early.stream().sorted().toList());
    addSenseless(problems);
    List<String> silent = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    for (Sequence sequence : plan.sequences()) {
      Reply.Stats stats = stats(sequence);
      if (stats == null) {
        silent.add(sequence.id());
      } else if (stats.tokens() != sequence.tokens()) {
        lost.add("%s (%d)".formatted(sequence.id(), stats.tokens()));
      }
    }
    add(problems, "sequences whose state the job did not report", silent);
    add(problems, "sequences with another number of tokens than were sent", lost);
    add(problems, "dead letters", replies.deadLetters());
    return problems;
  }

  /** Adds answers that cannot be right, whatever tokens they cover. */
  private void addSenseless(List<String> problems) {
    List<String> impossible = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    List<String> without = new ArrayList<>();
    for (Question question : plan.questions()) {
      Reply.Answer answer = answers.get(question.id());
      double[] own = errors.get(question.id());
      if (answer == null || own == null) {
        continue;
      }
      String name = question.id() + " about " + question.sequence().id();
      if (Arrays.stream(own).anyMatch(Double::isInfinite)) {
        impossible.add(name);
      } else if (answer.exact() && Arrays.stream(own).anyMatch(error -> error > ROUNDING)) {
        wrong.add(name);
      }
      if (!answer.exact()
          && anchors.has(question.sequence().head())
          && answer.anchorsVersion() != HeadAnchors.VERSION) {
        without.add(name);
      }
    }
    add(problems, "answers outside the range of the values", impossible);
    add(problems, "answers marked exact that are not exact", wrong);
    add(problems, "answers that do not use the anchor set", without);
    for (Sequence sequence : plan.longSequences()) {
      double median = figures(plan.questionsAbout(sequence)).median();
      if (anchors.has(sequence.head()) && median >= 1) {
        problems.add(
            "answers about %s are no better than zeros: their median error is %.2f"
                .formatted(sequence.id(), median));
      }
    }
  }

  private static void add(List<String> problems, String what, List<String> names) {
    if (!names.isEmpty()) {
      String more = names.size() > NAMED ? ", ..." : "";
      problems.add(
          "%s: %d (%s%s)"
              .formatted(
                  what,
                  names.size(),
                  String.join(", ", names.subList(0, Math.min(NAMED, names.size()))),
                  more));
    }
  }

  /**
   * Returns the tokens per second of all long sequences together, from the job's first fold to the
   * last answer; empty without answers. The time before the first fold is the job's start, when
   * tokens wait for the preparation of the anchor sets.
   */
  public OptionalDouble tokensPerSecond() {
    long last = answers.values().stream().mapToLong(Reply.Answer::nanos).max().orElse(0);
    long tokens = plan.longSequences().stream().mapToLong(Sequence::tokens).sum();
    return replies
        .folding()
        .filter(folding -> last > folding.nanos())
        .map(folding -> (tokens - folding.accepted()) * 1e9 / (last - folding.nanos()))
        .map(OptionalDouble::of)
        .orElse(OptionalDouble.empty());
  }

  /** Returns the number of duplicate answers. */
  int repeated() {
    return replies.repeated();
  }
}
