package dev.onepass.bench.report;

import org.knowm.xchart.internal.chartpart.Chart;

/** One panel of an image. */
public interface Plot {

  /** Returns the chart for the plotting library; needs fonts. */
  Chart<?, ?> chart();
}
