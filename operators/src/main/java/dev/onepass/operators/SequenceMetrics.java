package dev.onepass.operators;

import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counters of the sequences' operator, in its own group {@code onepass}; none of them has a label
 * per key.
 */
final class SequenceMetrics {

  private final Counter tokens;
  private final Counter retractions;
  private final Counter duplicates;
  private final Counter answers;
  private final Counter timedOut;
  private final Counter beyondBound;
  private final Counter refused;
  private final Counter expired;
  private final Counter anchorSetsRefused;

  SequenceMetrics(MetricGroup operator, Gauge<Integer> anchorSets) {
    MetricGroup group = operator.addGroup("onepass");
    tokens = group.counter("tokens");
    retractions = group.counter("retractions");
    duplicates = group.counter("duplicates");
    answers = group.counter("answers");
    timedOut = group.counter("timedOut");
    beyondBound = group.counter("vectorsMostlyBeyondBound");
    refused = group.counter("refused");
    expired = group.counter("expired");
    anchorSetsRefused = group.counter("anchorSetsRefused");
    group.gauge("anchorSets", anchorSets);
  }

  void countToken(Acceptance acceptance, boolean retraction) {
    if (acceptance == Acceptance.DUPLICATE) {
      duplicates.inc();
    } else {
      (retraction ? retractions : tokens).inc();
    }
  }

  void countAnswer(boolean late, Answers given) {
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

  void countRefused() {
    refused.inc();
  }

  void countAnchorSetRefused() {
    anchorSetsRefused.inc();
  }

  void countExpired() {
    expired.inc();
  }
}
