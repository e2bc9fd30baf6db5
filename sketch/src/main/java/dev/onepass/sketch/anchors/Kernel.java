package dev.onepass.sketch.anchors;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * How alike the answers to two queries are before anything is known of the values: a Matern kernel
 * (nu = 5/2) of the distance between them in {@link QuerySpace}, and the overlap of what they
 * attend to.
 *
 * @param length of the Matern kernel, in units of {@link QuerySpace}'s coordinates
 * @param overlap weight of the overlap
 * @param nugget added to the diagonal: what of an answer its neighbours do not tell
 */
record Kernel(double length, double overlap, double nugget) {

  static final int BYTES = 3 * Double.BYTES;

  private static final double ROOT_5 = Math.sqrt(5);

  /** The Matern part, 1 at distance 0. */
  double matern(double squareDistance) {
    double x = ROOT_5 * Math.sqrt(Math.max(0, squareDistance)) / length;
    return (1 + x + x * x / 3) * Math.exp(-x);
  }

  void write(WireWriter out) {
    out.putDouble(length);
    out.putDouble(overlap);
    out.putDouble(nugget);
  }

  static Kernel read(WireReader in) {
    Kernel kernel = new Kernel(in.getDouble(), in.getDouble(), in.getDouble());
    // Far beyond what is ever chosen; within, covariances are numbers and can be factored.
    if (!(isBetween(kernel.length, 1e-6, 1e6)
        && isBetween(kernel.overlap, 0, 1e6)
        && isBetween(kernel.nugget, 1e-12, 1e6))) {
      throw new CorruptSketchException("no kernel of an anchor set: " + kernel);
    }
    return kernel;
  }

  private static boolean isBetween(double x, double least, double most) {
    return x >= least && x <= most;
  }
}
