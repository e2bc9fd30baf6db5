// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import dev.onepass.operators.event.Waited;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.SequenceCounts;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of an operator that answers queries: counters, and the stated errors by head. */
public class AnswerMetrics {

  private final MetricGroup group;
  private final Counter answers;
  private final Counter exact;
  private final Counter unanswered;
  private final Counter timedOut;
  private final Counter queueFull;
  private final Counter incomplete;
  private final Counter beyondBound;
  private final Counter logitsBeyondBound;
  private final Counter refused;
  private final Map<String, Histogram> statedErrors = new HashMap<>();

  /**
   * Registers the metrics.
   *
   * @param operator group of the operator, as Flink provides it
   */
  public AnswerMetrics(MetricGroup operator) {
    group = OnepassMetrics.group(operator);
    answers = group.counter("answers");
    exact = group.counter("exactAnswers");
    unanswered = group.counter("unanswered");
    timedOut = group.counter("timedOut");
    queueFull = group.counter("queueFull");
    incomplete = group.counter("incompleteAnswers");
    beyondBound = group.counter("vectorsMostlyBeyondBound");
    logitsBeyondBound = group.counter("logitsBeyondBound");
    refused = OnepassMetrics.refused(operator);
  }

  /** Returns the group {@code onepass} of the operator. */
  final MetricGroup group() {
    return group;
  }

  /** Returns the group with the label of a head. */
  final MetricGroup group(String head) {
    return group.addGroup("head", head);
  }

  /**
   * Returns the histogram of a head's stated errors in parts per million; registers it if needed.
   */
  final Histogram statedErrors(String head) {
    return statedErrors.computeIfAbsent(
        head, name -> group(name).histogram("statedErrorPpm", new RecentHistogram()));
  }

  /**
   * Counts the answer to a query.
   *
   * @param head name of the head
   * @param waited how the query's wait for its {@code as_of} ended
   * @param counts counts of the sequence
   * @param given the answer
   */
  public final void countAnswer(String head, Waited waited, SequenceCounts counts, Answers given) {
    answers.inc();
    if (waited != Waited.ENOUGH) {
      timedOut.inc();
    }
    if (waited == Waited.NO_ROOM) {
      queueFull.inc();
    }
    if (counts.incomplete()) {
      incomplete.inc();
    }
    if (given.outputs().length == 0) {
      unanswered.inc();
    } else if (counts.exact()) {
      exact.inc();
    } else {
      countErrors(statedErrors(head), given.error());
    }
    if (given.beyondBound() != null) {
      for (float share : given.beyondBound()) {
        beyondBound.inc(share > 0.5f ? 1 : 0);
        logitsBeyondBound.inc(Math.round((double) share * counts.tokens()));
      }
    }
  }

  private static void countErrors(Histogram histogram, float[] errors) {
    for (float error : errors) {
      if (!Float.isNaN(error)) {
        histogram.update(Errors.ppm(error));
      }
    }
  }

  /** Counts a record that became a dead letter. */
  public final void countRefused() {
    refused.inc();
  }
}
