package dev.onepass.operators;

import dev.onepass.sketch.sequence.Answers;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counters of an operator that answers, in its own group {@code onepass}; none of them has a label
 * per key.
 */
class AnswerMetrics {

  private final MetricGroup group;
  private final Counter answers;
  private final Counter timedOut;
  private final Counter beyondBound;
  private final Counter refused;

  AnswerMetrics(MetricGroup operator) {
    group = operator.addGroup("onepass");
    answers = group.counter("answers");
    timedOut = group.counter("timedOut");
    beyondBound = group.counter("vectorsMostlyBeyondBound");
    refused = group.counter("refused");
  }

  final MetricGroup group() {
    return group;
  }

  final void countAnswer(boolean late, Answers given) {
    answers.inc();
    if (late) {
      timedOut.inc();
    }
    if (given.beyondBound() != null) {
      for (float share : given.beyondBound()) {
        beyondBound.inc(share > 0.5f ? 1 : 0);
      }
    }
  }

  final void countRefused() {
    refused.inc();
  }
}
