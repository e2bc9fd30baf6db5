// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Another family with heavy keys next to its sketches; {@link HeavySketch} says how they work
 * together. It has the name of the inner family, and its id with the bit {@link #MARK}.
 *
 * @param inner the family of the sketches of all other tokens
 */
public record HeavyFamily(SketchFamily inner) implements SketchFamily {

  private static final long serialVersionUID = 1L;

  /** The bit of an id that says that there are heavy keys. Ids of other families are smaller. */
  public static final int MARK = 0x40;

  /** Parameter: largest share of the state size that heavy keys may take, above 0 and up to 0.5. */
  public static final String SHARE = "heavy.share";

  /** Parameter: even power p that stands for exp where heavy keys are found: 2, 4 or 6. */
  public static final String DEGREE = "heavy.degree";

  /** The default of {@link #DEGREE}. */
  public static final int DEFAULT_DEGREE = 2;

  /** The largest {@link #SHARE}. */
  public static final double MOST = 0.5;

  /** How a configuration divides the bytes: the power, those of heavy keys, and the rest. */
  private record Plan(int power, int share, SketchConfig inner) {
    HeavyKeys keys(SketchConfig config) {
      return HeavyFamily.keys(config, power, share);
    }
  }

  /**
   * Divides the bytes, or says why they cannot be divided. Heavy keys get less than their share if
   * the family needs more than the rest.
   */
  private Plan plan(SketchConfig config) throws UnfitConfigException {
    double share = config.number(SHARE, 0);
    if (!(share > 0 && share <= MOST)) {
      throw new UnfitConfigException(
          "%s must be above 0 and at most %s, not %s".formatted(SHARE, MOST, share));
    }
    double degree = config.number(DEGREE, DEFAULT_DEGREE);
    if (degree != 2 && degree != 4 && degree != 6) {
      throw new UnfitConfigException(DEGREE + " must be 2, 4 or 6, not " + degree);
    }
    int power = (int) degree;
    int bytes = (int) Math.min(config.maxBytes(), share * config.stateSize());
    requireOneKey(config, power, share, bytes);
    HeavyKeys most = keys(config, power, bytes);
    while (inner.complaint(part(config, most, most.capacity())).isPresent()) {
      if (most.capacity() == 1) {
        throw new UnfitConfigException(
            inner.complaint(part(config, most, 1)).orElseThrow() + "; heavy keys take the rest");
      }
      bytes = most.bytesFor(most.capacity() - (most.capacity() + 15) / 16);
      most = keys(config, power, bytes);
    }
    return new Plan(power, bytes, part(config, most, inner.canShrink() ? 0 : most.capacity()));
  }

  private static HeavyKeys keys(SketchConfig config, int power, int bytes) {
    return HeavyKeys.filling(config.keyDim(), config.valueDim(), power, bytes);
  }

  private static void requireOneKey(SketchConfig config, int power, double share, int bytes)
      throws UnfitConfigException {
    long needed = HeavyKeys.bytes(config.keyDim(), config.valueDim(), power, 1);
    if (needed <= bytes) {
      return;
    }
    double enough = Math.ceil(1000.0 * needed / config.stateSize()) / 1000;
    String advice =
        enough <= MOST
            ? "a share of %s is enough".formatted(enough)
            : power > 2
                ? "%s 2 takes %d bytes"
                    .formatted(DEGREE, HeavyKeys.bytes(config.keyDim(), config.valueDim(), 2, 1))
                : "a state size of about %d KiB is enough"
                    .formatted((long) Math.ceil(needed / share / 1024));
    throw new UnfitConfigException(
        "%s of %s is %d bytes, but the second moments of degree %d and one key of dimensions %d, %d take %d; %s"
            .formatted(
                SHARE, share, bytes, power, config.keyDim(), config.valueDim(), needed, advice));
  }

  /** Returns the configuration of the inner sketch next to room for some keys. */
  private static SketchConfig part(SketchConfig config, HeavyKeys keys, int room) {
    int left = config.maxBytes() - HeavySketch.overhead() - keys.bytesFor(room);
    return new SketchConfig(
        config.keyDim(), config.valueDim(), Math.max(0, left), config.seed(), config.parameters());
  }

  /**
   * Returns the configuration of the inner sketch at the beginning; the configuration itself if it
   * has no share, because the options have changed since a sequence began.
   */
  private SketchConfig ofInner(SketchConfig config) {
    try {
      return plan(config).inner();
    } catch (UnfitConfigException e) {
      return config;
    }
  }

  /** Returns the configurations that the inner sketch can have as the room for keys grows. */
  private List<SketchConfig> sizes(SketchConfig config) {
    try {
      Plan plan = plan(config);
      HeavyKeys most = plan.keys(config);
      return inner.canShrink()
          ? Arrays.stream(HeavySketch.rooms(most.capacity()))
              .mapToObj(room -> part(config, most, room))
              .toList()
          : List.of(plan.inner());
    } catch (UnfitConfigException e) {
      return List.of(config);
    }
  }

  private Plan requirePlan(SketchConfig config) {
    try {
      return plan(config);
    } catch (UnfitConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public int id() {
    return inner.id() | MARK;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return inner.canRetract(ofInner(config), adopted);
  }

  @Override
  public boolean usesAnchors() {
    return inner.usesAnchors();
  }

  @Override
  public void prepare(SketchConfig config, AnchorSet set) throws InterruptedException {
    for (SketchConfig size : sizes(config)) {
      inner.prepare(size, set);
    }
  }

  @Override
  public boolean isPrepared(SketchConfig config, AnchorSet set) {
    return sizes(config).stream().allMatch(size -> inner.isPrepared(size, set));
  }

  @Override
  public long factorBytes(SketchConfig config, int mostAnchors) {
    return inner.factorBytes(ofInner(config), mostAnchors);
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    try {
      plan(config);
      return Optional.empty();
    } catch (UnfitConfigException e) {
      return Optional.of(e.getMessage());
    }
  }

  @Override
  public String describe(SketchConfig config) {
    Plan plan = requirePlan(config);
    HeavyKeys most = plan.keys(config);
    return "%s; up to %d heavy keys of degree %d in %d bytes, all that can get more than %.3g of the weight under |x|^%d"
        .formatted(
            inner.describe(plan.inner()),
            most.capacity(),
            plan.power(),
            plan.share(),
            most.guaranteedShare(),
            plan.power());
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    Plan plan = requirePlan(config);
    HeavyKeys keys = plan.keys(config);
    if (inner.canShrink()) {
      keys.room(0);
    }
    keys.expect(known);
    return new HeavySketch(
        this,
        config.maxBytes(),
        plan.inner().maxBytes(),
        keys,
        inner.begin(plan.inner(), known, anchors),
        anchors,
        0);
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    int maxBytes = in.getInt("bytes at most", 0, Integer.MAX_VALUE);
    int innerBytes = in.getInt("bytes of the inner sketch at most", 0, maxBytes);
    HeavyKeys keys = HeavyKeys.read(in);
    Preamble own = Preamble.read(in);
    if (own.family() != inner.id()
        || own.keyDim() != preamble.keyDim()
        || own.valueDim() != preamble.valueDim()
        || keys.keyDim() != preamble.keyDim()
        || keys.valueDim() != preamble.valueDim()) {
      throw new CorruptSketchException(
          "heavy keys of dimensions %d, %d and a sketch of family %d and dimensions %d, %d do not fit family %d and dimensions %d, %d"
              .formatted(
                  keys.keyDim(),
                  keys.valueDim(),
                  own.family(),
                  own.keyDim(),
                  own.valueDim(),
                  preamble.family(),
                  preamble.keyDim(),
                  preamble.valueDim()));
    }
    AttentionSketch sketch = inner.heapify(own, in, anchors);
    if (preamble.tokens() > 0 && sketch.tokenCount() <= 0 && keys.tokenCount() <= 0) {
      throw new CorruptSketchException(
          "tokens: expected none, because there are none in either part, got " + preamble.tokens());
    }
    return new HeavySketch(this, maxBytes, innerBytes, keys, sketch, anchors, preamble.tokens());
  }

  @Override
  public Optional<QuerySide> querySide(SketchConfig config) {
    try {
      return inner.querySide(plan(config).inner());
    } catch (UnfitConfigException e) {
      return Optional.empty();
    }
  }
}
