package dev.onepass.demo;

import dev.onepass.demo.Plan.Question;
import dev.onepass.demo.Plan.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** What a run showed, in figures: how far off the answers are and whether anything was lost. */
final class Outcome {
  private static final int NAMED = 3;

  private final Plan plan;
  private final Replies replies;
  private final Map<String, double[]> errors;

  private Outcome(Plan plan, Replies replies, Map<String, double[]> errors) {
    this.plan = plan;
    this.replies = replies;
    this.errors = errors;
  }

  /** Compares every answer that came; the work is shared among the processors. */
  static Outcome of(Plan plan, Replies replies, Comparison comparison) {
    Map<String, double[]> errors =
        plan.questions().parallelStream()
            .filter(question -> replies.answer(question.id()).isPresent())
            .collect(
                Collectors.toConcurrentMap(
                    Question::id,
                    question ->
                        comparison.errors(question, replies.answer(question.id()).orElseThrow())));
    return new Outcome(plan, replies, new HashMap<>(errors));
  }

  /** The id of the query for the state of a sequence at the end. */
  static String statsId(Sequence sequence) {
    return "stats-" + sequence.id();
  }

  Plan plan() {
    return plan;
  }

  /** The state of a sequence at the end; null when the job did not say. */
  Reply.Stats stats(Sequence sequence) {
    return replies.stats(statsId(sequence)).orElse(null);
  }

  /** The figures of some questions. */
  Figures figures(List<Question> questions) {
    List<Reply.Answer> answers =
        questions.stream().flatMap(question -> replies.answer(question.id()).stream()).toList();
    double[] sorted =
        questions.stream()
            .map(question -> errors.getOrDefault(question.id(), new double[0]))
            .flatMapToDouble(Arrays::stream)
            .sorted()
            .toArray();
    OptionalDouble beyond =
        answers.stream()
            .map(Reply.Answer::beyondBound)
            .flatMapToDouble(
                shares -> shares == null ? DoubleStream.empty() : Arrays.stream(shares))
            .filter(share -> !Double.isNaN(share))
            .average();
    return new Figures(
        questions.size(),
        answers.size(),
        quantile(sorted, 0.5),
        quantile(sorted, 0.95),
        quantile(sorted, 1),
        beyond,
        !answers.isEmpty() && answers.stream().allMatch(Reply.Answer::exact),
        answers.stream().mapToLong(Reply.Answer::nanos).max().orElse(0));
  }

  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted[(int) Math.ceil(share * (sorted.length - 1))];
  }

  /** Everything that must not happen and did, one sentence each; empty after a good run. */
  List<String> problems() {
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
        "queries answered before the tokens that they ask for",
        early.stream().sorted().toList());
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
    add(problems, "sequences whose tokens the job did not tell", silent);
    add(problems, "sequences with other tokens than were sent", lost);
    add(problems, "dead letters", replies.deadLetters());
    return problems;
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

  /** Answers that came more than once. */
  int repeated() {
    return replies.repeated();
  }

  /**
   * Figures over the answers to some questions.
   *
   * @param asked query records
   * @param answered those of them that were answered
   * @param median relative error of the vectors; NaN without answers, like the next two
   * @param p95 the 95th percentile
   * @param worst the largest
   * @param beyondBound mean share of logits beyond the sketch's bound; empty without a bound
   * @param exact whether the job called all answers exact
   * @param lastNanos when the last answer arrived
   */
  record Figures(
      int asked,
      int answered,
      double median,
      double p95,
      double worst,
      OptionalDouble beyondBound,
      boolean exact,
      long lastNanos) {}
}
