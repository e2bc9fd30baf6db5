package dev.onepass.operators.metrics;

import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.census.Population;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/** What the sequences' operator tells of one head. */
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

  /** Counts what became of a sequence. */
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

  /** Counts pending tokens that went into a sketch: read, folded and written in so long. */
  public void countFold(long nanos) {
    folds.inc();
    foldMicros.update(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  /** Notes how long a query's vectors took together. */
  public void timeQuery(long nanos) {
    queryMicros.update(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  /**
   * Notes how wrong an answer was.
   *
   * @param trueError measured against exact attention
   * @param statedError what the answer said; NaN if it said nothing
   */
  public void countTrueError(double trueError, float statedError) {
    trueErrors.update(Errors.ppm(trueError));
    if (!Float.isNaN(statedError)) {
      (trueError <= statedError ? withinStated : beyondStated).inc();
    }
  }

  /** Counts a sequence that has more tokens than its shadow may keep. */
  public void countShadowEnded() {
    shadowsEnded.inc();
  }
}
