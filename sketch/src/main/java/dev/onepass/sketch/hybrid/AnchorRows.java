package dev.onepass.sketch.hybrid;

import dev.onepass.sketch.TokenBlock;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.feature.RandomRounding;
import dev.onepass.sketch.kernel.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * Exact attention at R anchors a_r over all tokens so far: {@code ln den_r = ln sum_j exp(a_r.k_j)}
 * and {@code y_r = num_r / den_r}, in the spirit of the landmark queries of Nystromformer (arXiv
 * 2102.03902).
 *
 * <p>y_r is kept in 16 bits a number with a power of two a row: twice the anchors of floats for the
 * same bytes. Each fold rounds at random, right on average, so that the error of N folds is about
 * sqrt(N / 3) units of 2^-15 of the row's largest number: 0.05 % after 1 000 folds, 0.5 % after 100
 * 000.
 *
 * <p>Bytes: ln den (R x f4, negative infinity for a row without tokens), exponents (R x i1), y (R x
 * dv x i2).
 */
final class AnchorRows {

  /** Largest number kept, of 16 bits. */
  private static final int LARGEST = Short.MAX_VALUE;

  /** A row of which less than this share is left after a retraction is lost. */
  private static final double LOST = 0x1p-12;

  private final int valueDim;
  private final int count;
  private final float[] logDen;
  private final byte[] exponents;
  private final short[] outputs;

  AnchorRows(int valueDim, int count) {
    this.valueDim = valueDim;
    this.count = count;
    logDen = new float[count];
    Arrays.fill(logDen, Float.NEGATIVE_INFINITY);
    exponents = new byte[count];
    outputs = new short[count * valueDim];
  }

  int count() {
    return count;
  }

  /** ln den of a row; negative infinity if it is empty. */
  float logDen(int row) {
    return logDen[row];
  }

  /** y of a row, from {@code offset} on. */
  void output(int row, double[] out, int offset) {
    double unit = Math.scalb(1.0, exponents[row]);
    for (int c = 0, i = row * valueDim; c < valueDim; c++, i++) {
      out[offset + c] = outputs[i] * unit;
    }
  }

  /**
   * Folds tokens, or takes them back.
   *
   * @param block all tokens, or all retractions
   * @param random 64 bits that no other call uses
   * @return whether a row was lost: the tokens taken back were nearly all it held
   */
  boolean fold(AnchorSet set, TokenBlock block, long random) {
    int n = block.count();
    float[] weights = logits(set, block);
    float[] blockLogDen = new float[count];
    softmax(weights, n, blockLogDen);
    float[] means = new float[count * valueDim];
    Kernels.addTransposedProduct(weights, count, block.values(), valueDim, n, means);
    boolean back = n > 0 && block.weights()[0] < 0;
    boolean lost = false;
    double[] mean = new double[valueDim];
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < valueDim; c++) {
        mean[c] = means[r * valueDim + c];
      }
      lost |= combine(r, blockLogDen[r], mean, back, random + r);
    }
    return lost;
  }

  /** Adds the rows of the same anchors over other tokens. */
  void merge(AnchorRows other, long random) {
    double[] mean = new double[valueDim];
    for (int r = 0; r < count; r++) {
      if (other.logDen[r] != Float.NEGATIVE_INFINITY) {
        other.output(r, mean, 0);
        combine(r, other.logDen[r], mean, false, random + r);
      }
    }
  }

  /** a_r.k_j for every token and row, n x R. */
  private float[] logits(AnchorSet set, TokenBlock block) {
    int n = block.count();
    int d = set.keyDim();
    int stride = set.count();
    float[] columns = set.anchorColumns();
    float[] keys = block.keys();
    float[] logits = new float[n * count];
    for (int j = 0; j < n; j++) {
      int row = j * count;
      for (int i = 0; i < d; i++) {
        float factor = keys[j * d + i];
        int column = i * stride;
        for (int r = 0; r < count; r++) {
          logits[row + r] += factor * columns[column + r];
        }
      }
    }
    return logits;
  }

  /** Turns each row's logits into weights that sum to 1, and gives ln of the sum. */
  private void softmax(float[] logits, int n, float[] logSums) {
    float[] max = new float[count];
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < n; j++) {
      for (int r = 0, i = j * count; r < count; r++, i++) {
        // Products of large floats overflow, and infinities of two signs add up to no number.
        float logit = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, logits[i]));
        logits[i] = logit == logit ? logit : 0;
        max[r] = Math.max(max[r], logits[i]);
      }
    }
    float[] sums = new float[count];
    for (int j = 0; j < n; j++) {
      for (int r = 0, i = j * count; r < count; r++, i++) {
        float weight = (float) Math.exp((double) logits[i] - max[r]);
        logits[i] = weight;
        sums[r] += weight;
      }
    }
    for (int r = 0; r < count; r++) {
      logSums[r] = (float) (max[r] + Math.log(sums[r]));
      sums[r] = 1 / sums[r];
    }
    for (int j = 0; j < n; j++) {
      for (int r = 0, i = j * count; r < count; r++, i++) {
        logits[i] *= sums[r];
      }
    }
  }

  /** Takes other tokens' sums into a row, or out of it. */
  private boolean combine(int row, double otherLogDen, double[] other, boolean back, long random) {
    double own = logDen[row];
    double sign = back ? -1 : 1;
    double max = Math.max(own, otherLogDen);
    double ownShare = own == max ? 1 : Math.exp(own - max);
    double otherShare = sign * (otherLogDen == max ? 1 : Math.exp(otherLogDen - max));
    double sum = ownShare + otherShare;
    if (!(sum > LOST)) {
      logDen[row] = Float.NEGATIVE_INFINITY;
      Arrays.fill(outputs, row * valueDim, (row + 1) * valueDim, (short) 0);
      return true;
    }
    double unit = Math.scalb(1.0, exponents[row]);
    double largest = 0;
    for (int c = 0; c < valueDim; c++) {
      double output = (ownShare * outputs[row * valueDim + c] * unit + otherShare * other[c]) / sum;
      other[c] = output;
      largest = Math.max(largest, Math.abs(output));
    }
    long bits = RandomRounding.mix(random);
    write(row, other, largest, bits);
    logDen[row] = RandomRounding.round(max + Math.log(sum), bits);
    return false;
  }

  private void write(int row, double[] output, double largest, long random) {
    int exponent = Math.max(Byte.MIN_VALUE, Math.getExponent(largest / LARGEST) + 1);
    exponents[row] = (byte) exponent;
    double perUnit = Math.scalb(1.0, -exponent);
    long bits = random;
    for (int c = 0, i = row * valueDim; c < valueDim; c++, i++) {
      if (c % 4 == 0) {
        bits = RandomRounding.mix(bits + c);
      }
      double chance = (bits >>> (c % 4) * 16 & 0xffff) * 0x1p-16;
      outputs[i] =
          (short) Math.max(-LARGEST, Math.min(LARGEST, Math.floor(output[c] * perUnit + chance)));
    }
  }

  void write(WireWriter out) {
    out.putFloats(logDen, count);
    for (byte exponent : exponents) {
      out.putByte(exponent);
    }
    for (short output : outputs) {
      out.putShort(output);
    }
  }

  static AnchorRows read(WireReader in, int valueDim, int count) {
    in.require((long) count * AnchorSet.rowBytes(valueDim));
    AnchorRows rows = new AnchorRows(valueDim, count);
    in.getFloats(rows.logDen, count, WireReader.Infinities.ALLOWED);
    for (float logDen : rows.logDen) {
      if (logDen == Float.POSITIVE_INFINITY) {
        throw new CorruptSketchException("a row of anchors has infinite mass");
      }
    }
    for (int r = 0; r < count; r++) {
      rows.exponents[r] = (byte) in.getByte();
    }
    for (int i = 0; i < rows.outputs.length; i++) {
      rows.outputs[i] = (short) in.getShort();
    }
    return rows;
  }
}
