// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A line plot; each axis is linear or logarithmic. */
public final class LinePlot implements Plot {
  private final String title;
  private final String xTitle;
  private final String yTitle;
  private boolean logX;
  private boolean logY;
  private boolean decades;
  private final List<Line> lines = new ArrayList<>();
  private List<String> known = List.of();

  private record Line(String name, double[] x, double[] y, boolean reference) {}

  /**
   * Creates an empty plot.
   *
   * @param xTitle title of the horizontal axis, with its unit
   * @param yTitle title of the vertical axis, with its unit
   */
  public LinePlot(String title, String xTitle, String yTitle) {
    this.title = title;
    this.xTitle = xTitle;
    this.yTitle = yTitle;
  }

  /** Makes the horizontal axis logarithmic. */
  public LinePlot logX() {
    logX = true;
    return this;
  }

  /** Makes the vertical axis logarithmic. */
  public LinePlot logY() {
    logY = true;
    return this;
  }

  /** Extends logarithmic axes to powers of ten, because other axes may have no labels. */
  public LinePlot wholeDecades() {
    decades = true;
    return this;
  }

  /** Gives lines the same colours in every plot with the same names. */
  public LinePlot names(List<String> names) {
    known = List.copyOf(names);
    return this;
  }

  /** Adds measured points. Points that a logarithmic axis cannot show are left out. */
  public LinePlot line(String name, double[] x, double[] y) {
    return add(name, x, y, false);
  }

  /** Adds a dashed reference line without points. */
  public LinePlot reference(String name, double[] x, double[] y) {
    return add(name, x, y, true);
  }

  private LinePlot add(String name, double[] x, double[] y, boolean reference) {
    int[] shown =
        IntStream.range(0, x.length)
            .filter(i -> Double.isFinite(x[i]) && Double.isFinite(y[i]))
            .filter(i -> !(logX && x[i] <= 0) && !(logY && y[i] <= 0))
            .toArray();
    if (shown.length > 0) {
      lines.add(
          new Line(
              name,
              IntStream.of(shown).mapToDouble(i -> x[i]).toArray(),
              IntStream.of(shown).mapToDouble(i -> y[i]).toArray(),
              reference));
    }
    return this;
  }

  @Override
  public Chart<?, ?> chart() {
    XYChart chart =
        new XYChartBuilder()
            .width(Style.WIDTH)
            .height(Style.HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    Style.apply(chart.getStyler());
    chart.getStyler().setXAxisLogarithmic(logX);
    chart.getStyler().setYAxisLogarithmic(logY);
    if (decades && logX && !lines.isEmpty()) {
      chart.getStyler().setXAxisMin(decade(Line::x, false)).setXAxisMax(decade(Line::x, true));
    }
    if (decades && logY && !lines.isEmpty()) {
      chart.getStyler().setYAxisMin(decade(Line::y, false)).setYAxisMax(decade(Line::y, true));
    }
    chart.getStyler().setMarkerSize(7);
    int colour = known.size();
    for (Line line : lines) {
      XYSeries series = chart.addSeries(line.name(), line.x(), line.y());
      if (line.reference()) {
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(Color.GRAY);
        series.setLineStyle(
            new BasicStroke(
                1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0));
      } else {
        int place = known.contains(line.name()) ? known.indexOf(line.name()) : colour++;
        Color own = Style.COLOURS[place % Style.COLOURS.length];
        series.setLineColor(own);
        series.setMarkerColor(own);
        series.setMarker(SeriesMarkers.CIRCLE);
        series.setLineStyle(new BasicStroke(2));
      }
    }
    return chart;
  }

  /** Returns the power of ten at or above all numbers, or at or below all numbers. */
  private double decade(Function<Line, double[]> numbers, boolean above) {
    DoubleSummaryStatistics all =
        lines.stream().map(numbers).flatMapToDouble(DoubleStream::of).summaryStatistics();
    return above
        ? Math.pow(10, Math.floor(Math.log10(all.getMax())) + 1)
        : Math.pow(10, Math.floor(Math.log10(all.getMin())));
  }
}
