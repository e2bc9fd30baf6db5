package dev.onepass.sketch.anchors;

/** Floats that stay numbers. */
final class Floats {

  private Floats() {}

  /** The number nearest to x that is no farther than {@code most} from 0; 0 if x is no number. */
  static float within(float x, float most) {
    return x != x ? 0 : Math.max(-most, Math.min(most, x));
  }

  static float[] of(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }
}
