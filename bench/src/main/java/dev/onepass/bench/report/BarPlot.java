// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import java.awt.Color;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A bar plot with a logarithmic axis. */
public final class BarPlot implements Plot {
  private final String title;
  private final String yTitle;
  private final List<String> names;
  private final Map<String, List<Double>> series = new LinkedHashMap<>();
  private final Map<String, Double> levels = new LinkedHashMap<>();

  /**
   * Creates an empty plot.
   *
   * @param yTitle title of the vertical axis, with its unit
   * @param names labels of the bars
   */
  public BarPlot(String title, String yTitle, List<String> names) {
    this.title = title;
    this.yTitle = yTitle;
    this.names = List.copyOf(names);
  }

  /** Adds one bar for each name. NaN leaves a bar out. */
  public BarPlot bars(String seriesName, List<Double> values) {
    series.put(seriesName, values.stream().map(v -> v > 0 ? v : null).toList());
    return this;
  }

  /** Adds a horizontal reference line. */
  public BarPlot level(String seriesName, double value) {
    levels.put(seriesName, value);
    return this;
  }

  private double decadeBelow() {
    double least =
        series.values().stream()
            .flatMap(List::stream)
            .filter(v -> v != null && v > 0)
            .mapToDouble(v -> v)
            .min()
            .orElse(1);
    return Math.pow(10, Math.floor(Math.log10(least)));
  }

  @Override
  public Chart<?, ?> chart() {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Style.WIDTH)
            .height(Style.HEIGHT)
            .title(title)
            .yAxisTitle(yTitle)
            .build();
    Style.apply(chart.getStyler());
    chart.getStyler().setYAxisLogarithmic(true);
    // Bars begin at 0 by default, which a logarithmic axis cannot show.
    chart.getStyler().setYAxisMin(decadeBelow());
    chart.getStyler().setXAxisLabelRotation(30);
    chart.getStyler().setAvailableSpaceFill(0.8);
    series.forEach((name, values) -> chart.addSeries(name, names, values));
    levels.forEach(
        (name, value) ->
            chart
                .addSeries(name, names, Collections.nCopies(names.size(), value))
                .setChartCategorySeriesRenderStyle(CategorySeriesRenderStyle.Line)
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(Color.GRAY));
    return chart;
  }
}
