// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.census.Population;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of a head in the operator of sequences. */
public final class HeadMetrics {

  private final Population population;
  private final Counter begun;
  private final Counter leftExactMode;
  private final Counter ended;
  private final Counter folds;
  private final Histogram foldMicros;
  private final Histogram queryMicros;
  private final Histogram trueErrors;
  private final Counter withinStated;
  private final Counter beyondStated;
  private final Counter shadowsEnded;

  /**
   * Registers the metrics.
   *
   * @param head group with the label of the head
   * @param population sums over the head's sequences, for the gauges
   */
  HeadMetrics(MetricGroup head, Population population) {
    this.population = population;
    begun = head.counter("sequencesBegun");
    leftExactMode = head.counter("sequencesLeftExactMode");
    ended = head.counter("sequencesEnded");
    folds = head.counter("folds");
    foldMicros = head.histogram("foldMicros", new RecentHistogram());
    queryMicros = head.histogram("queryMicros", new RecentHistogram());
    trueErrors = head.histogram("trueErrorPpm", new RecentHistogram());
    withinStated = head.counter("shadowVectorsWithinStated");
    beyondStated = head.counter("shadowVectorsBeyondStated");
    shadowsEnded = head.counter("shadowsEnded");
    head.gauge("sequences", (Gauge<Long>) population::sequences);
    head.gauge("exactSequences", (Gauge<Long>) population::exact);
    head.gauge("stateBytes", (Gauge<Long>) population::stateBytes);
    head.gauge("waitingQueries", (Gauge<Long>) population::waiting);
  }

  /**
   * Counts a change of a sequence.
   *
   * @param before contribution of the sequence so far
   * @param after contribution from now on
   */
  public void countChange(Footprint before, Footprint after) {
    population.change(before, after);
    if (before.sequences() < after.sequences()) {
      begun.inc();
    } else if (before.sequences() > after.sequences()) {
      ended.inc();
    } else if (before.exact() > after.exact()) {
      leftExactMode.inc();
    }
  }

  /**
   * Counts a fold.
   *
   * @param nanos time to read, fold and write the tokens, in nanoseconds
   */
  public void countFold(long nanos) {
    folds.inc();
    foldMicros.update(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  /**
   * Records the time of a query.
   *
   * @param nanos time for all query vectors together, in nanoseconds
   */
  public void timeQuery(long nanos) {
    queryMicros.update(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  /**
   * Records the true error of an answer, and whether the stated error covers it.
   *
   * @param trueError relative error, measured against exact attention; at least 0
   * @param statedError stated error; NaN if the answer states none
   */
  public void countTrueError(double trueError, float statedError) {
    trueErrors.update(Errors.ppm(trueError));
    if (!Float.isNaN(statedError)) {
      (trueError <= statedError ? withinStated : beyondStated).inc();
    }
  }

  /** Counts a shadow that ended because its sequence has too many tokens. */
  public void countShadowEnded() {
    shadowsEnded.inc();
  }
}
