// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.ridge.RidgeFamily;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.TokenOrigin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes the golden files of the present format; the argument of {@code main} is the folder {@code
 * src/test/resources/golden/formatN}. Run it when a format is released or a family is added.
 * Existing files were written by a released version and are never written again.
 *
 * <p>Tokens lie on a coarse grid and come from an integer generator, so that every machine makes
 * the same ones.
 */
final class GoldenFiles {

  private static final int[] SIZES = {0, 1, 10, 1000, 100_000};

  private static final int[] WEIGHTED_SIZES = {1, 10, 1000};

  public static final String ANSWERS = "answers.csv";
  public static final String RECOVERIES = "recoveries.csv";

  /** 16 000 when these files were written; 16 more are now kept free for weights. */
  private static final int PAPER_BYTES = 16_016;

  /** Too few bytes for the buffer of co-occurring directions to hold 100 tokens. */
  private static final int DIRECTIONS_BYTES = 6_000;

  /** Too few bytes for a cluster per key. */
  private static final int FEW_CLUSTERS_BYTES = 2_000;

  /** Enough bytes for the anchors of a set, and too few for clusters in addition. */
  private static final int ANCHORS_BYTES = 520;

  /** Too few bytes for a cluster per key in addition to the anchors. */
  private static final int ANCHORS_AND_CLUSTERS_BYTES = 3_000;

  /** Versions of the anchor sets. */
  public static final int ANCHORS_ALONE = 1;

  public static final int CLUSTERS_TOO = 2;

  /** Anchors alone, in format 2 of anchor sets; earlier ones are of format 1. */
  public static final int FORMAT_2 = 3;

  private GoldenFiles() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Files.createDirectories(folder);
    for (AnchorSet set : newAnchorSets()) {
      write(folder.resolve(name(set.version())), set.toByteArray());
    }
    AnchorSets anchors = anchorSets(version -> Files.readAllBytes(folder.resolve(name(version))));
    StringBuilder answers = new StringBuilder();
    StringBuilder recoveries = new StringBuilder();
    for (Map.Entry<String, AttentionSketch> entry : sketches(anchors).entrySet()) {
      if (write(folder.resolve(entry.getKey()), entry.getValue().toByteArray())) {
        answers.append(answers(entry.getKey(), entry.getValue()));
      }
    }
    for (Map.Entry<String, QuerySketch> entry : querySketches().entrySet()) {
      if (write(folder.resolve(entry.getKey()), entry.getValue().toByteArray())) {
        recoveries.append(recovery(entry.getKey(), entry.getValue()));
      }
    }
    append(folder.resolve(ANSWERS), "file,query,tokens,log_normalizer,outputs\n", answers);
    append(folder.resolve(RECOVERIES), "file,rows,tail,row,value ..\n", recoveries);
    for (Map.Entry<String, Header> entry : headers().entrySet()) {
      write(folder.resolve(entry.getKey()), entry.getValue().toByteArray());
    }
  }

  private static boolean write(Path file, byte[] bytes) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    Files.write(file, bytes);
    return true;
  }

  private static void append(Path file, String head, CharSequence lines) throws IOException {
    if (!Files.exists(file)) {
      Files.writeString(file, head);
    }
    Files.writeString(file, lines, StandardOpenOption.APPEND);
  }

  private static String name(int version) {
    return "anchor-set-%d.bin".formatted(version);
  }

  /** One set for anchors alone, and one that gives clusters half of the bytes. */
  private static List<AnchorSet> newAnchorSets() {
    TokenBlock rows = tokens(600);
    float[] queries = Arrays.copyOf(rows.keys(), 600);
    float[] keys = Arrays.copyOfRange(rows.keys(), 600, 1200);
    AnchorSet set = AnchorSetMaker.make(ANCHORS_ALONE, 2, queries, keys, 64, 7);
    return List.of(
        TestSets.withClusterShare(set, 0),
        TestSets.withClusterShare(set.withVersion(CLUSTERS_TOO), 0.5),
        TestSets.withClusterShare(set.withVersion(FORMAT_2), 0));
  }

  /** Returns where the bytes of a version are read. */
  public interface SetBytes {
    byte[] of(int version) throws IOException;
  }

  /** Returns the sets that were written, by version. */
  public static AnchorSets anchorSets(SetBytes bytes) throws IOException {
    AnchorSet alone = AnchorSet.fromByteArray(bytes.of(ANCHORS_ALONE));
    AnchorSet clusters = AnchorSet.fromByteArray(bytes.of(CLUSTERS_TOO));
    AnchorSet format2 = AnchorSet.fromByteArray(bytes.of(FORMAT_2));
    return new AnchorSets() {
      @Override
      public Optional<AnchorSet> current() {
        return Optional.of(alone);
      }

      @Override
      public Optional<AnchorSet> version(int version) {
        return Stream.of(alone, clusters, format2)
            .filter(set -> set.version() == version)
            .findFirst();
      }
    };
  }

  /** Returns every sketch, by file name. */
  private static Map<String, AttentionSketch> sketches(AnchorSets anchors) {
    Map<String, AttentionSketch> sketches = new LinkedHashMap<>();
    for (SketchFamily family : SketchFamilies.all()) {
      for (int n : SIZES) {
        sketches.put(
            "%s-n%d.bin".formatted(family.name(), n), sketch(family, n, 1 << 21, Map.of()));
      }
    }
    AnchorSet clusters = anchors.version(CLUSTERS_TOO).orElseThrow();
    AnchorSet format2 = anchors.version(FORMAT_2).orElseThrow();
    for (int n : SIZES) {
      sketches.put(
          "hybrid-set-n%d.bin".formatted(n),
          sketch(AnchoredFamily.HYBRID, n, ANCHORS_BYTES, anchors));
      sketches.put(
          "anchors-set-n%d.bin".formatted(n),
          sketch(AnchoredFamily.ANCHORS, n, ANCHORS_BYTES, anchors));
      sketches.put(
          "hybrid-set-clusters-n%d.bin".formatted(n),
          sketch(AnchoredFamily.HYBRID, n, ANCHORS_AND_CLUSTERS_BYTES, AnchorSets.of(clusters)));
      sketches.put(
          "anchors-set-format2-n%d.bin".formatted(n),
          sketch(AnchoredFamily.ANCHORS, n, ANCHORS_BYTES, AnchorSets.of(format2)));
    }
    for (int n : SIZES) {
      sketches.put(
          "onepass-paper-n%d.bin".formatted(n),
          sketch(OnepassFamily.INSTANCE, n, PAPER_BYTES, form("paper")));
      sketches.put(
          "onepass-directions-n%d.bin".formatted(n),
          sketch(OnepassFamily.INSTANCE, n, DIRECTIONS_BYTES, form("directions")));
      sketches.put(
          "cluster-few-n%d.bin".formatted(n),
          sketch(ClusterFamily.INSTANCE, n, FEW_CLUSTERS_BYTES, Map.of()));
    }
    Map<String, String> heavy = Map.of(HeavyFamily.SHARE, "0.25");
    for (int n : SIZES) {
      sketches.put(
          "heavy-polynomial-n%d.bin".formatted(n),
          sketch(SketchFamilies.withHeavyKeys(PolynomialFamily.INSTANCE), n, 2_000, heavy));
      sketches.put(
          "heavy-cluster-few-n%d.bin".formatted(n),
          sketch(
              SketchFamilies.withHeavyKeys(ClusterFamily.INSTANCE), n, FEW_CLUSTERS_BYTES, heavy));
    }
    // Clusters in their format 2; earlier ones, and those in hybrids, are of format 1.
    for (int n : SIZES) {
      sketches.put(
          "cluster-format2-n%d.bin".formatted(n),
          sketch(ClusterFamily.INSTANCE, n, 1 << 21, Map.of()));
      sketches.put(
          "cluster-few-format2-n%d.bin".formatted(n),
          sketch(ClusterFamily.INSTANCE, n, FEW_CLUSTERS_BYTES, Map.of()));
      sketches.put(
          "hybrid-format2-n%d.bin".formatted(n),
          sketch(AnchoredFamily.HYBRID, n, 1 << 21, Map.of()));
      sketches.put(
          "hybrid-set-clusters-format2-n%d.bin".formatted(n),
          sketch(AnchoredFamily.HYBRID, n, ANCHORS_AND_CLUSTERS_BYTES, AnchorSets.of(clusters)));
    }
    // Preambles of format 2; all others are of format 1.
    for (int n : WEIGHTED_SIZES) {
      for (SketchFamily family :
          List.of(
              ExactFamily.INSTANCE,
              PolynomialFamily.INSTANCE,
              OnepassFamily.INSTANCE,
              RidgeFamily.INSTANCE)) {
        sketches.put(
            "%s-weights-n%d.bin".formatted(family.name(), n),
            sketch(family, weightedTokens(n), 1 << 21, Map.of()));
      }
      sketches.put(
          "onepass-paper-weights-n%d.bin".formatted(n),
          sketch(OnepassFamily.INSTANCE, weightedTokens(n), PAPER_BYTES, form("paper")));
      sketches.put(
          "cluster-weights-n%d.bin".formatted(n),
          sketch(ClusterFamily.INSTANCE, weightedTokens(n), 1 << 21, Map.of()));
      sketches.put(
          "cluster-few-weights-n%d.bin".formatted(n),
          sketch(ClusterFamily.INSTANCE, weightedTokens(n), FEW_CLUSTERS_BYTES, Map.of()));
      sketches.put(
          "anchors-set-weights-n%d.bin".formatted(n),
          sketch(AnchoredFamily.ANCHORS, weightedTokens(n), ANCHORS_BYTES, anchors));
      sketches.put(
          "hybrid-set-clusters-weights-n%d.bin".formatted(n),
          sketch(
              AnchoredFamily.HYBRID,
              weightedTokens(n),
              ANCHORS_AND_CLUSTERS_BYTES,
              AnchorSets.of(clusters)));
      sketches.put(
          "onepass-directions-weights-n%d.bin".formatted(n),
          sketch(OnepassFamily.INSTANCE, weightedTokens(n), DIRECTIONS_BYTES, form("directions")));
    }
    return sketches;
  }

  private static AttentionSketch sketch(
      SketchFamily family, int n, int bytes, Map<String, String> parameters) {
    return sketch(family, tokens(n), bytes, parameters);
  }

  private static AttentionSketch sketch(
      SketchFamily family, TokenBlock tokens, int bytes, Map<String, String> parameters) {
    int n = tokens.count();
    SketchConfig config = new SketchConfig(2, 1, bytes, 0, parameters);
    return folded(family.begin(config, tokens.slice(0, Math.min(n, 100)), AnchorSets.NONE), tokens);
  }

  private static AttentionSketch sketch(
      AnchoredFamily family, int n, int bytes, AnchorSets anchors) {
    return sketch(family, tokens(n), bytes, anchors);
  }

  private static AttentionSketch sketch(
      AnchoredFamily family, TokenBlock tokens, int bytes, AnchorSets anchors) {
    SketchConfig config = new SketchConfig(2, 1, bytes, 0, Map.of());
    return folded(family.begin(config, tokens, anchors), tokens);
  }

  private static AttentionSketch folded(AttentionSketch sketch, TokenBlock tokens) {
    int n = tokens.count();
    for (int from = 0; from < n; from += 64) {
      TokenBlock block = tokens.slice(from, Math.min(n, from + 64));
      // Weighted tokens are folded as under a decay: later blocks have larger exponents.
      long exponent = tokens.isBiased() ? from / 64 : 0;
      sketch.update(block.withExponent(tokens.exponent() + exponent));
    }
    return sketch;
  }

  private static Map<String, String> form(String form) {
    return Map.of(OnepassFamily.FORM, form, OnepassFamily.RECOVER_K, "2");
  }

  /**
   * Returns query sketches of n queries over 1000 tokens, by file name; every 500th output is
   * large.
   */
  private static Map<String, QuerySketch> querySketches() {
    Map<String, QuerySketch> sketches = new LinkedHashMap<>();
    for (String form : new String[] {"outputs", "moments", "paper", "directions"}) {
      for (int n : new int[] {0, 10, 1000}) {
        SketchConfig config = new SketchConfig(2, 1, PAPER_BYTES, 0, form(form));
        QuerySketch sketch = OnepassFamily.INSTANCE.querySide(config).orElseThrow().begin();
        TokenBlock asked = tokens(n);
        float[][] outputs = new float[n][];
        for (int i = 0; i < n; i++) {
          outputs[i] = new float[] {i % 500 == 3 ? 8 + i / 500 : asked.values()[i] / 64};
        }
        sketch.add(7, new QueryBlock(asked.keys(), n, 2, 0.5), outputs, tokensOf(form));
        sketches.put("onepass-%s-queries-n%d.bin".formatted(form, n), sketch);
      }
    }
    return sketches;
  }

  /** Returns the token sketch that queries of a form were answered from. */
  public static AttentionSketch tokensOf(String form) {
    return sketch(OnepassFamily.INSTANCE, 1000, PAPER_BYTES, form(form));
  }

  /** Returns one line: what is recovered from the one column. */
  public static String recovery(String file, QuerySketch sketch) {
    Recovery recovery = sketch.recover(tokensOf(file.split("-")[1]), sketch.largestK());
    Recovery.Column column = recovery.columns().get(0);
    StringBuilder line =
        new StringBuilder("%s,%d,%s".formatted(file, recovery.rows(), column.tail()));
    for (int i = 0; i < column.rows().length; i++) {
      line.append(",").append(column.rows()[i]).append(",").append(column.values()[i]);
    }
    return line.append("\n").toString();
  }

  /** Returns the headers of a sequence that has seen nothing, and of two that have. */
  private static Map<String, Header> headers() {
    Map<String, Header> headers = new LinkedHashMap<>();
    headers.put("header-new.bin", Header.of(head()));
    for (int n : new int[] {50, 500}) {
      Sequence sequence = Sequence.open(head(), new HeapStore());
      TokenBlock tokens = tokens(n);
      for (int j = 0; j < n; j++) {
        TokenBlock token = tokens.slice(j, j + 1);
        if (sequence.accept(3L * j, token.keys(), token.values()) != Acceptance.ACCEPTED) {
          throw new IllegalStateException("refused");
        }
      }
      TokenBlock first = tokens.slice(0, 1);
      sequence.accept(0, first.keys(), first.values());
      sequence.retract(first.keys(), first.values());
      sequence.comesFrom(new TokenOrigin(3, 2, n));
      if (n == 500) {
        sequence.markIncomplete();
      }
      headers.put("header-n%d.bin".formatted(n), sequence.header());
    }
    return headers;
  }

  public static HeadSpec head() {
    return new HeadSpec("h", 2, 1, 0.5, 4096, 16, PolynomialFamily.INSTANCE, 0, Map.of());
  }

  /** Returns three queries with exact coordinates. */
  public static QueryBlock queries() {
    return new QueryBlock(new float[] {0.5f, -0.25f, 0, 0, -1.5f, 0.75f}, 3, 2, 0.5);
  }

  /** Returns one line per query. */
  public static String answers(String file, AttentionSketch sketch) {
    QueryBlock queries = queries();
    SoftmaxSum sums = new SoftmaxSum(queries.count(), sketch.valueDim());
    sketch.addTo(sums, queries);
    StringBuilder lines = new StringBuilder();
    for (int q = 0; q < queries.count(); q++) {
      lines.append("%s,%d,%d,%s".formatted(file, q, sketch.tokenCount(), sums.logNormalizer(q)));
      for (int c = 0; c < sketch.valueDim(); c++) {
        lines.append(",").append(sums.output(q, c));
      }
      lines.append("\n");
    }
    return lines.toString();
  }

  /** The same tokens with biases that are multiples of 1/8 in (-2, 2), and exponent 3. */
  public static TokenBlock weightedTokens(int n) {
    return tokens(n).weighted(3, j -> (j * 7 % 31 - 15) / 8.0);
  }

  /** Keys are multiples of 1/8 in [-1, 1), values multiples of 1/4 in [-4, 4). */
  public static TokenBlock tokens(int n) {
    TokenBlock tokens = new TokenBlock(2, 1, n);
    long state = 20_240_117;
    for (int j = 0; j < n; j++) {
      // Knuth's MMIX generator; its high bits are the good ones.
      state = state * 6364136223846793005L + 1442695040888963407L;
      int bits = (int) (state >>> 40);
      float[] key = {(bits & 15) / 8f - 1, (bits >> 4 & 15) / 8f - 1};
      tokens.append(key, new float[] {(bits >> 8 & 31) / 4f - 4}, 1);
    }
    return tokens;
  }
}
