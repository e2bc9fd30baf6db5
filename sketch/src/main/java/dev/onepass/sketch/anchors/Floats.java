package dev.onepass.sketch.anchors;

/** Floats that stay numbers. */
final class Floats {

  private Floats() {}

  /** The number nearest to x that is no farther than {@code most} from 0; 0 if x is no number. */
  static float within(float x, float most) {
    return Math.abs(x) <= most ? x : x != x ? 0 : Math.copySign(most, x);
  }

  static float[] of(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }
}
