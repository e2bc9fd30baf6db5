package dev.onepass.operators;

import dev.onepass.sketch.sequence.Acceptance;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Counters of the sequences' operator. */
final class SequenceMetrics extends AnswerMetrics {

  private final Counter tokens;
  private final Counter retractions;
  private final Counter duplicates;
  private final Counter parts;
  private final Counter expired;
  private final Counter anchorSetsRefused;

  SequenceMetrics(MetricGroup operator, Gauge<Integer> anchorSets) {
    super(operator);
    tokens = group().counter("tokens");
    retractions = group().counter("retractions");
    duplicates = group().counter("duplicates");
    parts = group().counter("parts");
    expired = group().counter("expired");
    anchorSetsRefused = group().counter("anchorSetsRefused");
    group().gauge("anchorSets", anchorSets);
  }

  void countToken(Acceptance acceptance, boolean retraction) {
    if (acceptance == Acceptance.DUPLICATE) {
      duplicates.inc();
    } else {
      (retraction ? retractions : tokens).inc();
    }
  }

  void countPart() {
    parts.inc();
  }

  void countAnchorSetRefused() {
    anchorSetsRefused.inc();
  }

  void countExpired() {
    expired.inc();
  }
}
