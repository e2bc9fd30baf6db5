// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import dev.onepass.operators.census.Census;
import dev.onepass.sketch.anchors.FactorCache;
import dev.onepass.sketch.sequence.Acceptance;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of the operator of sequences. */
public final class SequenceMetrics extends AnswerMetrics {

  private final Counter tokens;
  private final Counter retractions;
  private final Counter duplicates;
  private final Counter queries;
  private final Counter queryVectors;
  private final Counter moved;
  private final Counter parts;
  private final Counter expired;
  private final Counter anchorSetsRefused;
  private final Map<String, HeadMetrics> heads = new HashMap<>();

  /**
   * Registers the metrics.
   *
   * @param operator group of the operator, as Flink provides it
   * @param declared names of the declared heads
   * @param census census of the subtask
   * @param held gauges of the anchor sets
   * @param waitingBytes gauge of the bytes of waiting events
   */
  public SequenceMetrics(
      MetricGroup operator,
      Collection<String> declared,
      Census census,
      HeldSets held,
      Gauge<Long> waitingBytes) {
    super(operator);
    tokens = group().counter("tokens");
    retractions = group().counter("retractions");
    duplicates = group().counter("duplicates");
    queries = group().counter("queries");
    queryVectors = group().counter("queryVectors");
    moved = group().counter("sequencesMoved");
    parts = group().counter("parts");
    expired = group().counter("expired");
    anchorSetsRefused = group().counter("anchorSetsRefused");
    group().gauge("anchorSets", held.count());
    group().gauge("anchorSetsOlder", held.older());
    group().gauge("anchorSetBytes", held.bytes());
    group().gauge("waitingBytes", waitingBytes);
    FactorCache factors = FactorCache.ofProcess();
    group().gauge("anchorFactorBytes", (Gauge<Long>) factors::bytes);
    group().gauge("anchorFactorsEvicted", (Gauge<Long>) factors::evictions);
    for (String head : declared) {
      statedErrors(head);
      heads.put(head, new HeadMetrics(group(head), census.of(head)));
    }
  }

  /** Returns the metrics of a declared head. */
  public HeadMetrics head(String name) {
    return heads.get(name);
  }

  /**
   * Counts a token that was accepted or dropped as a duplicate.
   *
   * @param acceptance result of the token, not a refusal
   * @param retraction whether the token was retracted
   */
  public void countToken(Acceptance acceptance, boolean retraction) {
    if (acceptance == Acceptance.DUPLICATE) {
      duplicates.inc();
    } else {
      (retraction ? retractions : tokens).inc();
    }
  }

  /** Counts a token from another partition than the earlier tokens of its sequence. */
  public void countMoved() {
    moved.inc();
  }

  /**
   * Counts a query, whether it is answered now or later.
   *
   * @param vectors number of its query vectors
   */
  public void countQuery(int vectors) {
    queries.inc();
    queryVectors.inc(vectors);
  }

  /** Counts a part with the answer of a shard. */
  public void countPart() {
    parts.inc();
  }

  /** Counts a refused record of the anchors topic. */
  public void countAnchorSetRefused() {
    anchorSetsRefused.inc();
  }

  /** Counts a sequence that expired. */
  public void countExpired() {
    expired.inc();
  }
}
