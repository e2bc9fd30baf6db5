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

  private record Line(String name, double[] x, double[] y, List<Bar> bars, boolean reference) {}

  /** A vertical bar from a low to a high number. */
  private record Bar(double x, double low, double high) {}

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
    return add(name, x, y, List.of(), false);
  }

  /** Adds measured points with their intervals, like {@link #line(String, double[], double[])}. */
  public LinePlot line(String name, double[] x, double[] y, double[] low, double[] high) {
    List<Bar> bars =
        IntStream.range(0, x.length)
            .filter(i -> isShown(x[i], low[i]) && isShown(x[i], high[i]) && low[i] < high[i])
            .mapToObj(i -> new Bar(x[i], low[i], high[i]))
            .toList();
    return add(name, x, y, bars, false);
  }

  /** Adds a dashed reference line without points. */
  public LinePlot reference(String name, double[] x, double[] y) {
    return add(name, x, y, List.of(), true);
  }

  private LinePlot add(String name, double[] x, double[] y, List<Bar> bars, boolean reference) {
    int[] shown = IntStream.range(0, x.length).filter(i -> isShown(x[i], y[i])).toArray();
    if (shown.length > 0) {
      lines.add(
          new Line(
              name,
              IntStream.of(shown).mapToDouble(i -> x[i]).toArray(),
              IntStream.of(shown).mapToDouble(i -> y[i]).toArray(),
              bars,
              reference));
    }
    return this;
  }

  private boolean isShown(double x, double y) {
    return Double.isFinite(x) && Double.isFinite(y) && !(logX && x <= 0) && !(logY && y <= 0);
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
      chart
          .getStyler()
          .setYAxisMin(decade(LinePlot::heights, false))
          .setYAxisMax(decade(LinePlot::heights, true));
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
        addBars(chart, line, own);
      }
    }
    return chart;
  }

  private static double[] heights(Line line) {
    return DoubleStream.concat(
            DoubleStream.of(line.y()),
            line.bars().stream().flatMapToDouble(bar -> DoubleStream.of(bar.low(), bar.high())))
        .toArray();
  }

  /** Adds each bar as a thin line of its own, which the legend does not show. */
  private static void addBars(XYChart chart, Line line, Color colour) {
    for (int i = 0; i < line.bars().size(); i++) {
      Bar bar = line.bars().get(i);
      XYSeries series =
          chart.addSeries(
              line.name() + " interval " + i,
              new double[] {bar.x(), bar.x()},
              new double[] {bar.low(), bar.high()});
      series.setShowInLegend(false);
      series.setMarker(SeriesMarkers.NONE);
      series.setLineColor(colour);
      series.setLineStyle(new BasicStroke(1));
    }
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
