// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Measures cluster sketches on attention heads. The arguments of {@code main} are a folder that
 * holds HEAD_{Q,K,V}.npy (float16 or float32, n x d, logits = Q K'), the largest number of tokens
 * folded together, budgets in KiB separated by commas, and heads. Queries are 512 of the last 24 %,
 * evenly spaced. Prints relF, the Frobenius norm of the error divided by that of the truth.
 */
final class MeasureHeads {

  private static final int QUERIES = 512;

  private MeasureHeads() {}

  private record Matrix(float[] data, int rows, int columns) {}

  public static void main(String[] arguments) throws IOException {
    int cut = Integer.parseInt(arguments[1]);
    for (String head : Arrays.asList(arguments).subList(3, arguments.length)) {
      Matrix q = read(Path.of(arguments[0], head + "_Q.npy"));
      Matrix k = read(Path.of(arguments[0], head + "_K.npy"));
      Matrix v = read(Path.of(arguments[0], head + "_V.npy"));
      QueryBlock queries = late(q);
      double[] truth =
          ExactAttention.attention(
                  queries.vectors(),
                  QUERIES,
                  k.data,
                  v.data,
                  k.rows,
                  k.columns,
                  v.columns,
                  queries.scale())
              .outputs();
      TokenBlock tokens = TokenBlock.of(k.columns, v.columns, k.rows, k.data, v.data);
      for (String kib : arguments[2].split(",")) {
        measure(head, Integer.parseInt(kib), cut, tokens, queries, truth);
      }
    }
  }

  private static void measure(
      String head, int kib, int cut, TokenBlock tokens, QueryBlock queries, double[] truth) {
    SketchConfig config =
        new SketchConfig(tokens.keyDim(), tokens.valueDim(), kib << 10, 7, Map.of());
    long start = System.nanoTime();
    AttentionSketch sketch =
        ClusterFamily.INSTANCE.begin(config, tokens.slice(0, 0), AnchorSets.NONE);
    for (int from = 0; from < tokens.count(); from += cut) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + cut)));
    }
    double fold = (System.nanoTime() - start) / 1e3 / tokens.count();
    start = System.nanoTime();
    SoftmaxSum sums = new SoftmaxSum(queries.count(), sketch.valueDim());
    sketch.addTo(sums, queries);
    double query = (System.nanoTime() - start) / 1e3 / queries.count();
    double error = 0;
    double norm = 0;
    for (int i = 0; i < truth.length; i++) {
      double y = sums.output(i / sketch.valueDim(), i % sketch.valueDim());
      error += (y - truth[i]) * (y - truth[i]);
      norm += truth[i] * truth[i];
    }
    System.out.printf(
        "%s %d KiB, %d bytes: relF %.4f, fold %.1f us/token, query %.1f us; %s%n",
        head,
        kib,
        sketch.stateBytes(),
        Math.sqrt(error / norm),
        fold,
        query,
        ClusterFamily.INSTANCE.describe(config));
  }

  private static QueryBlock late(Matrix q) {
    int late = (int) (q.rows * 0.76);
    float[] vectors = new float[QUERIES * q.columns];
    for (int i = 0; i < QUERIES; i++) {
      int row = late + (int) ((long) i * (q.rows - late) / QUERIES);
      System.arraycopy(q.data, row * q.columns, vectors, i * q.columns, q.columns);
    }
    return new QueryBlock(vectors, QUERIES, q.columns, 1);
  }

  /** Reads a little-endian matrix of float16 or float32 in C order. */
  private static Matrix read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = bytes.get(6) == 1 ? bytes.getShort(8) : bytes.getInt(8);
    int headerStart = bytes.get(6) == 1 ? 10 : 12;
    String header =
        new String(bytes.array(), headerStart, headerLength, StandardCharsets.ISO_8859_1);
    String[] shape = header.replaceAll(".*'shape': \\((.*?)\\).*\\s*", "$1").split(",\\s*");
    int rows = Integer.parseInt(shape[0].trim());
    int columns = Integer.parseInt(shape[1].trim());
    bytes.position(headerStart + headerLength);
    float[] data = new float[rows * columns];
    if (header.contains("<f4")) {
      bytes.asFloatBuffer().get(data);
    } else if (header.contains("<f2")) {
      for (int i = 0; i < data.length; i++) {
        data[i] = ofHalf(bytes.getShort());
      }
    } else {
      throw new IOException(file + " is neither float16 nor float32");
    }
    return new Matrix(data, rows, columns);
  }

  private static float ofHalf(short half) {
    int exponent = half >> 10 & 31;
    int fraction = half & 1023;
    float size =
        exponent == 0
            ? fraction * 0x1p-24f
            : exponent == 31
                ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
    return half < 0 ? -size : size;
  }
}
