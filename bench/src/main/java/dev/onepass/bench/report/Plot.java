package dev.onepass.bench.report;

import org.knowm.xchart.internal.chartpart.Chart;

/** One panel of a picture. */
public interface Plot {

  /** What the plotting library draws; needs fonts. */
  Chart<?, ?> chart();
}
