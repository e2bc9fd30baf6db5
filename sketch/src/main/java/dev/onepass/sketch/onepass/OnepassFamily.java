// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.polynomial.FeatureDegree;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Optional;

/**
 * The one-pass algorithm of Addanki, Li, Song and Yang (arXiv 2311.14652), in four forms. In
 * addition to the parameters here it has those of {@link FeatureDegree}. {@code Sizes} describes
 * how the bytes are divided, {@code Guarantee} what the sizes promise.
 */
public final class OnepassFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final OnepassFamily INSTANCE = new OnepassFamily();

  /** Parameter: {@code paper}, {@code moments}, {@code outputs} (default) or {@code directions}. */
  public static final String FORM = "onepass.form";

  /** Parameter: sparsity k of recovery, 0 to 4096; default 16. With 0 nothing is recovered. */
  public static final String RECOVER_K = "onepass.recover-k";

  /** Parameter: error eps1 of recovery, up to 1. With 0, the default, it follows from the bytes. */
  public static final String EPS1 = "onepass.eps1";

  /**
   * Parameter: error eps2 of the product through Psi. With 0, the default, it follows from the
   * bytes.
   */
  public static final String EPS2 = "onepass.eps2";

  /** Parameter: queries of a sequence that recovery is sized for; default 65536. */
  public static final String QUERIES = "onepass.queries";

  /** Parameter: failure probability delta of each promise, per column; default 0.01. */
  public static final String DELTA = "onepass.delta";

  /**
   * Parameter: row of Psi that the first token of this part of a sequence takes, a whole number;
   * default 0. Parts that will be merged in paper form need rows that do not overlap.
   */
  public static final String FIRST_ROW = "onepass.first-row";

  private OnepassFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  @Override
  public int id() {
    return 3;
  }

  @Override
  public String name() {
    return "onepass";
  }

  /**
   * Returns true. In paper form, a token that is taken back remains in the noise, but not in the
   * expectation. In directions form it remains in what was dropped before, which the bound on the
   * error includes.
   */
  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return true;
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    try {
      Sizes.of(config);
      firstRow(config);
      return Optional.empty();
    } catch (UnfitConfigException e) {
      return Optional.of(e.getMessage());
    }
  }

  /**
   * Refuses decay in paper form: sk(V) is a sum of values whatever their tokens weigh, so only keys
   * could decay, and the noise of all values that ever were would stay.
   */
  @Override
  public Optional<String> decayComplaint(SketchConfig config) {
    return complaint(config).isPresent() || requireSizes(config).form() != Form.PAPER
        ? Optional.empty()
        : Optional.of(
            "form paper cannot decay: it sums values without their weights, so the noise of old values would stay; set %s to moments or outputs"
                .formatted(FORM));
  }

  private static Sizes requireSizes(SketchConfig config) {
    try {
      return Sizes.of(config);
    } catch (UnfitConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public String describe(SketchConfig config) {
    Sizes sizes = requireSizes(config);
    StringBuilder line = new StringBuilder();
    line.append(
        "onepass (%s): %s, %d features, within %.3g %% of exp for |logit| up to %.2f around %s"
            .formatted(
                sizes.form().label(),
                sizes.degree().describe(),
                sizes.features(),
                100 * sizes.degree().tolerance(),
                sizes.degree().bound(),
                sizes.form() == Form.DIRECTIONS
                    ? "the mean of the coordinates that are rarely 0"
                    : "the mean key"));
    if (sizes.m2() > 0) {
      line.append("; Psi of %d buckets, eps2 %.3g".formatted(sizes.m2(), sizes.eps2()));
    }
    if (sizes.form() == Form.DIRECTIONS) {
      line.append(
          "; co-occurring directions of %d columns with a buffer of %d bytes, %s"
              .formatted(
                  sizes.columns(),
                  sizes.bufferBytes(),
                  sizes.columns() == config.valueDim()
                      ? "which drop nothing"
                      : "which drop at most %.3g sum |phi(k)||v| of the product, and what the iteration misses"
                          .formatted(2.0 / sizes.columns())));
    }
    line.append("; %d bytes for tokens".formatted(sizes.tokenBytes()));
    if (sizes.k() > 0) {
      line.append(
          ", %d for queries: k %d%s, eps1 %.3g, Phi of %d + %d rows of %d buckets, failing %.2g of columns at %.0f queries"
              .formatted(
                  sizes.queryBytes(),
                  sizes.k(),
                  sizes.k() < sizes.wantedK()
                      ? " (%d was wanted, the state size does not hold it)"
                          .formatted(sizes.wantedK())
                      : "",
                  sizes.eps1(),
                  sizes.phi().rows(),
                  sizes.phi().groupRows(),
                  sizes.phi().buckets(),
                  sizes.delta(),
                  sizes.queries()));
    } else if (sizes.wantedK() > 0) {
      line.append("; no recovery, the state size does not hold it");
    }
    return line.toString();
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    try {
      return OnepassSketch.begin(Sizes.of(config), config.seed(), firstRow(config), known);
    } catch (UnfitConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static long firstRow(SketchConfig config) throws UnfitConfigException {
    String text = config.parameters().getOrDefault(FIRST_ROW, "0").trim();
    long row;
    try {
      row = Long.parseLong(text);
    } catch (NumberFormatException e) {
      row = -1;
    }
    if (!RowRanges.isRow(row)) {
      throw new UnfitConfigException(
          "%s must be a whole number from 0 to %d, not '%s'"
              .formatted(FIRST_ROW, RowRanges.MAX_ROW, text));
    }
    return row;
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return OnepassSketch.read(preamble, in);
  }

  @Override
  public Optional<QuerySide> querySide(SketchConfig config) {
    Sizes sizes;
    try {
      sizes = Sizes.of(config);
      firstRow(config);
    } catch (UnfitConfigException e) {
      return Optional.empty();
    }
    return sizes.k() == 0 ? Optional.empty() : Optional.of(new Side(sizes, config));
  }

  @Override
  public QuerySketch heapifyQueries(Preamble preamble, WireReader in) {
    return OnepassQueries.read(preamble, in);
  }

  private record Side(Sizes sizes, SketchConfig config) implements QuerySide {

    @Override
    public boolean closesTokens() {
      return sizes.form().queriesCloseTokens();
    }

    @Override
    public int maxBytes() {
      return sizes.queryBytes();
    }

    @Override
    public QuerySketch begin() {
      return OnepassQueries.begin(sizes, config.keyDim(), config.valueDim(), config.seed());
    }
  }
}
