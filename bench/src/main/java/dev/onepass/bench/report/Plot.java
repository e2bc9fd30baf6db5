// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import org.knowm.xchart.internal.chartpart.Chart;

/** One panel of an image. */
public interface Plot {

  /** Returns the chart for the plotting library; needs fonts. */
  Chart<?, ?> chart();
}
