// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * A histogram over the newest {@value #WINDOW} values, which shows the present and not the mean
 * since the start. An update writes one number and allocates nothing. Statistics are computed from
 * a sorted copy.
 *
 * <p>One thread may update it, and any thread may read it.
 */
final class RecentHistogram implements Histogram {

  /** Number of values in the statistics, of which ten lie above the 99th percentile. */
  static final int WINDOW = 1024;

  private final AtomicLongArray newest = new AtomicLongArray(WINDOW);
  private final AtomicLong count = new AtomicLong();

  @Override
  public void update(long value) {
    long before = count.getPlain();
    newest.setRelease((int) (before % WINDOW), value);
    count.setRelease(before + 1);
  }

  /** Returns the number of all values since the start. */
  @Override
  public long getCount() {
    return count.getAcquire();
  }

  @Override
  public HistogramStatistics getStatistics() {
    long[] values = new long[(int) Math.min(WINDOW, getCount())];
    Arrays.setAll(values, newest::getAcquire);
    Arrays.sort(values);
    return new Statistics(values);
  }

  /** The statistics of a sorted array. Without values, quantiles and mean are NaN. */
  private static final class Statistics extends HistogramStatistics {
    private final long[] sorted;

    Statistics(long[] sorted) {
      this.sorted = sorted;
    }

    /** Returns the smallest value that at least this share of the values does not exceed. */
    @Override
    public double getQuantile(double quantile) {
      if (sorted.length == 0) {
        return Double.NaN;
      }
      int rank = (int) Math.ceil(quantile * sorted.length);
      return sorted[Math.max(1, Math.min(sorted.length, rank)) - 1];
    }

    @Override
    public long[] getValues() {
      return sorted.clone();
    }

    @Override
    public int size() {
      return sorted.length;
    }

    @Override
    public double getMean() {
      return Arrays.stream(sorted).average().orElse(Double.NaN);
    }

    @Override
    public double getStdDev() {
      double mean = getMean();
      double squares = Arrays.stream(sorted).mapToDouble(x -> (x - mean) * (x - mean)).sum();
      return sorted.length < 2 ? 0 : Math.sqrt(squares / (sorted.length - 1));
    }

    @Override
    public long getMax() {
      return sorted.length == 0 ? 0 : sorted[sorted.length - 1];
    }

    @Override
    public long getMin() {
      return sorted.length == 0 ? 0 : sorted[0];
    }
  }
}
