// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import dev.onepass.demo.run.HeadAnchors;
import dev.onepass.demo.run.JobConfig;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.demo.traffic.Reply;
import dev.onepass.testkit.bytes.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** The printed result of a run: a table, then sentences that explain it. */
public final class Report {
  /** Mean share of logits beyond the bound from which on the report says so. */
  private static final double OUTSIDE = 0.01;

  private static final String NONE = "-";

  /** Marks the name of a sketch that did not run in the job. */
  private static final String NOT_THE_JOB = "*";

  private final Outcome outcome;
  private final String sketch;
  private final HeadAnchors anchors;
  private final List<SecondSketch> others;
  private final String decay;

  /**
   * @param sketch the family that answered, such as {@code hybrid}
   * @param anchors anchor sets of the job
   * @param others other answers for comparison
   * @param decay the half-life in words; empty without decay
   */
  public Report(
      Outcome outcome,
      String sketch,
      HeadAnchors anchors,
      List<SecondSketch> others,
      String decay) {
    this.outcome = outcome;
    this.sketch = sketch;
    this.anchors = anchors;
    this.others = List.copyOf(others);
    this.decay = decay;
  }

  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    Table table =
        new Table(
            "sequence",
            "tokens",
            "sketch",
            "bytes",
            "error median",
            "error p95",
            "within stated",
            "answered");
    for (Sequence sequence : outcome.plan().longSequences()) {
      addLong(table, words, sequence);
    }
    if (!outcome.plan().shortSequences().isEmpty()) {
      addShort(table, words);
    }
    words.add(
        "Rows marked %s were not computed by the job, but by this process from the same tokens and queries."
            .formatted(NOT_THE_JOB));
    if (!decay.isEmpty()) {
      words.add(
          "The weight of a token halves with every %s of its age; errors are relative to exact attention with the same weights."
              .formatted(decay));
    }
    if (!anchors.isEmpty()) {
      words.add(anchors.toString());
    }
    outcome.tokensPerSecond().ifPresent(rate -> words.add(rate(rate)));
    if (outcome.repeated() > 0) {
      words.add(
          outcome.repeated()
              + " answers were delivered more than once, which at-least-once allows.");
    }
    return table + "\n" + String.join("\n", words) + "\n";
  }

  /** Rounds to two digits, because two runs on one machine differ by more than the third digit. */
  private String rate(double tokensPerSecond) {
    double unit = Math.pow(10, Math.floor(Math.log10(tokensPerSecond)) - 1);
    return "Throughput of all long sequences, from the first fold to the last answer: %s tokens per second, with producer, broker and job on one machine."
        .formatted(count(Math.round(Math.rint(tokensPerSecond / unit) * unit)));
  }

  private void addLong(Table table, List<String> words, Sequence sequence) {
    Figures middle = figures(sequence, Question::inTheMiddle);
    List<Question> atTheEnd =
        questions(sequence).stream().filter(question -> !question.inTheMiddle()).toList();
    Figures end = outcome.figures(atTheEnd);
    Reply.Stats stats = outcome.stats(sequence);
    String head = sequence.head().toString();
    if (middle.asked() > 0) {
      int half = (sequence.tokens() + 1) / 2;
      table.row(cells(head + ", half way", half, sketch, null, middle));
    }
    Long stateBytes = stats == null ? null : stats.stateBytes();
    table.row(cells(head, sequence.tokens(), sketch, stateBytes, end));
    for (SecondSketch other : others) {
      table.row(
          cells(
              head,
              sequence.tokens(),
              other.sketch() + NOT_THE_JOB,
              other.stateBytes(sequence),
              other.figures(atTheEnd)));
    }
    table.row(
        head,
        count(sequence.tokens()),
        "exact" + NOT_THE_JOB,
        ByteSize.format((long) sequence.tokens() * JobConfig.TOKEN_BYTES),
        "0",
        "0",
        NONE,
        NONE);
    if (end.answered() > 0 && stats != null) {
      words.add(inWords(sequence, stats, end));
      beyond(sketch, end).ifPresent(words::add);
    }
    for (SecondSketch other : others) {
      beyond(other.sketch(), other.figures(atTheEnd)).ifPresent(words::add);
    }
  }

  private String inWords(Sequence sequence, Reply.Stats stats, Figures end) {
    long kept = (long) sequence.tokens() * JobConfig.TOKEN_BYTES;
    String start =
        "%s: %s tokens (%s) are answered from %s of state%s"
            .formatted(
                sequence.head(),
                count(sequence.tokens()),
                ByteSize.format(kept),
                ByteSize.format(stats.stateBytes()),
                anchors.has(sequence.head()) && !end.exact()
                    ? " with anchors version " + HeadAnchors.VERSION
                    : "");
    if (end.exact()) {
      return start + ", which still holds every token, so the answers are exact.";
    }
    String errors =
        "; half of the answers are within %s of exact attention, and 95 %% are within %s."
            .formatted(percent(end.median()), percent(end.p95()));
    String stated =
        end.withinStated().isEmpty()
            ? ""
            : "\n    The stated errors cover %s of the true errors; their target is 90 %%."
                .formatted(percent(end.withinStated().getAsDouble()));
    return start + errors + stated;
  }

  /**
   * Returns a sentence about the share of logits beyond the bound, if the share is worth
   * mentioning.
   */
  private static Optional<String> beyond(String name, Figures figures) {
    double beyond = figures.beyondBound().orElse(0);
    return beyond < OUTSIDE
        ? Optional.empty()
        : Optional.of(
            "    About %s of the logits exceed the bound up to which %s guarantees its accuracy."
                .formatted(percent(beyond), name));
  }

  private void addShort(Table table, List<String> words) {
    List<Sequence> all = outcome.plan().shortSequences();
    Figures figures = outcome.figures(all.stream().flatMap(s -> questions(s).stream()).toList());
    long tokens = all.stream().mapToLong(Sequence::tokens).sum();
    long state =
        all.stream()
            .map(outcome::stats)
            .filter(Objects::nonNull)
            .mapToLong(Reply.Stats::stateBytes)
            .sum();
    table.row(cells(all.size() + " short ones", tokens, sketch, state, figures));
    if (figures.answered() == 0) {
      return;
    }
    words.add(
        figures.exact() && figures.worst() < Outcome.ROUNDING
            ? "%d short sequences, sent alongside the long ones: all answers are exact (largest difference %s, from rounding)."
                .formatted(all.size(), error(figures.worst()))
            : "%d short sequences: their tokens fit in the state, but not all answers are exact (largest difference %s)."
                .formatted(all.size(), error(figures.worst())));
  }

  private Figures figures(Sequence sequence, Predicate<Question> which) {
    return outcome.figures(questions(sequence).stream().filter(which).toList());
  }

  private List<Question> questions(Sequence sequence) {
    return outcome.plan().questionsAbout(sequence);
  }

  private static String[] cells(
      String name, long tokens, String sketch, Long stateBytes, Figures figures) {
    return new String[] {
      name,
      count(tokens),
      sketch,
      stateBytes == null ? NONE : ByteSize.format(stateBytes),
      error(figures.median()),
      error(figures.p95()),
      figures.withinStated().isPresent() ? percent(figures.withinStated().getAsDouble()) : NONE,
      figures.answered() + "/" + figures.asked()
    };
  }

  /** Formats a number with spaces between thousands: {@code 131 072}. */
  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }

  private static String error(double error) {
    return Double.isNaN(error)
        ? NONE
        : String.format(Locale.ROOT, error < 1e-3 ? "%.1e" : "%.4f", error);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100);
  }
}
