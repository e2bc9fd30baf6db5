package dev.onepass.demo;

import dev.onepass.demo.Outcome.Figures;
import dev.onepass.demo.Plan.Question;
import dev.onepass.demo.Plan.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;

/** Says what a run showed: a table, then what it means in words. */
final class Report {
  /** From this mean share of logits on, a head is called outside the bound. */
  private static final double OUTSIDE = 0.01;

  /** Exact answers differ from double precision by rounding to float only. */
  private static final double ROUNDING = 1e-4;

  private static final String NONE = "-";

  private final Outcome outcome;
  private final String sketch;
  private final long startNanos;

  /**
   * @param sketch the family that answered, such as {@code polynomial}
   * @param startNanos {@link System#nanoTime} when the first token was sent
   */
  Report(Outcome outcome, String sketch, long startNanos) {
    this.outcome = outcome;
    this.sketch = sketch;
    this.startNanos = startNanos;
  }

  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    Table table =
        new Table(
            "sequence",
            "tokens",
            "exact bytes",
            "state bytes",
            "error median",
            "error p95",
            "beyond bound",
            "answered",
            "tokens/s");
    for (Sequence sequence : outcome.plan().longSequences()) {
      addLong(table, words, sequence);
    }
    if (!outcome.plan().shortSequences().isEmpty()) {
      addShort(table, words);
    }
    if (outcome.repeated() > 0) {
      words.add(
          outcome.repeated() + " answers came more than once, as at-least-once delivery allows.");
    }
    return table + "\n" + String.join("\n", words) + "\n";
  }

  private void addLong(Table table, List<String> words, Sequence sequence) {
    Figures middle = figures(sequence, Question::inTheMiddle);
    Figures end = figures(sequence, question -> !question.inTheMiddle());
    Reply.Stats stats = outcome.stats(sequence);
    if (middle.asked() > 0) {
      int half = (sequence.tokens() + 1) / 2;
      table.row(cells(sequence.head() + ", half way", half, null, middle, NONE));
    }
    double seconds = (end.lastNanos() - startNanos) / 1e9;
    String rate = end.answered() == 0 ? NONE : count(Math.round(sequence.tokens() / seconds));
    table.row(
        cells(
            sequence.head().toString(),
            sequence.tokens(),
            stats == null ? null : stats.stateBytes(),
            end,
            rate));
    if (end.answered() > 0 && stats != null) {
      words.add(inWords(sequence, stats, end));
    }
  }

  private String inWords(Sequence sequence, Reply.Stats stats, Figures end) {
    long kept = (long) sequence.tokens() * Demo.TOKEN_BYTES;
    String start =
        "%s: %s tokens, %s if they were kept, are answered from %s"
            .formatted(
                sequence.head(),
                count(sequence.tokens()),
                Bytes.format(kept),
                Bytes.format(stats.stateBytes()));
    if (end.exact()) {
      return start + "; every one of them is still there, so the answers are exact attention.";
    }
    String errors =
        "; half of the answers are within %s of exact attention, 95 %% within %s."
            .formatted(percent(end.median()), percent(end.p95()));
    double beyond = end.beyondBound().orElse(0);
    if (beyond < OUTSIDE) {
      return start + errors;
    }
    return start
        + errors
        + "\n    About %s of its queries' logits lie beyond the bound that the %s sketch's promise covers:"
            .formatted(percent(beyond), sketch)
        + "\n    this head is outside the paper's premise, and an error like this is what the premise predicts.";
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
    table.row(cells(all.size() + " short ones", tokens, state, figures, NONE));
    if (figures.answered() == 0) {
      return;
    }
    words.add(
        figures.exact() && figures.worst() < ROUNDING
            ? ("%d short sequences, side by side with the long ones: all answers are exact attention"
                    + " (largest difference %s, rounding).")
                .formatted(all.size(), error(figures.worst()))
            : "%d short sequences: their tokens still fit in the state, yet not all answers are exact (largest difference %s)."
                .formatted(all.size(), error(figures.worst())));
  }

  private Figures figures(Sequence sequence, Predicate<Question> which) {
    return outcome.figures(questions(sequence).stream().filter(which).toList());
  }

  private List<Question> questions(Sequence sequence) {
    return outcome.plan().questionsAbout(sequence);
  }

  private static String[] cells(
      String name, long tokens, Long stateBytes, Figures figures, String rate) {
    return new String[] {
      name,
      count(tokens),
      Bytes.format(tokens * Demo.TOKEN_BYTES),
      stateBytes == null ? NONE : Bytes.format(stateBytes),
      error(figures.median()),
      error(figures.p95()),
      figures.beyondBound().isPresent() ? percent(figures.beyondBound().getAsDouble()) : NONE,
      figures.answered() + "/" + figures.asked(),
      rate
    };
  }

  /** Thousands apart: {@code 131 072}. */
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
