package dev.onepass.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;

/** Bars over named things, on a logarithmic axis. */
public final class BarPlot implements Plot {
  private final String title;
  private final String yTitle;
  private final List<String> names;
  private final Map<String, List<Double>> series = new LinkedHashMap<>();

  /**
   * An empty plot.
   *
   * @param yTitle what the bars show, with its unit
   * @param names what stands under the bars
   */
  public BarPlot(String title, String yTitle, List<String> names) {
    this.title = title;
    this.yTitle = yTitle;
    this.names = List.copyOf(names);
  }

  /** Adds one bar for each name; NaN leaves it out. */
  public BarPlot bars(String seriesName, List<Double> values) {
    series.put(seriesName, values.stream().map(v -> v.isNaN() ? null : v).toList());
    return this;
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
    chart.getStyler().setXAxisLabelRotation(30);
    chart.getStyler().setAvailableSpaceFill(0.8);
    series.forEach((name, values) -> chart.addSeries(name, names, values));
    return chart;
  }
}
