// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;

/** Draws charts below each other into one image. */
final class Panels {
  private Panels() {}

  static void save(List<Chart<?, ?>> charts, Path file) throws IOException {
    int width = charts.stream().mapToInt(Chart::getWidth).max().orElseThrow();
    int height = charts.stream().mapToInt(Chart::getHeight).sum();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D all = image.createGraphics();
    int y = 0;
    for (Chart<?, ?> chart : charts) {
      Graphics2D panel = (Graphics2D) all.create(0, y, chart.getWidth(), chart.getHeight());
      chart.paint(panel, chart.getWidth(), chart.getHeight());
      panel.dispose();
      y += chart.getHeight();
    }
    all.dispose();
    ImageIO.write(image, "png", file.toFile());
  }
}
