// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.codirections.CoDirections;
import dev.onepass.sketch.registry.Streams;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {

  private static SketchConfig config(int d, int dv, int bytes, String... parameters) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put(parameters[i], parameters[i + 1]);
    }
    return new SketchConfig(d, dv, bytes, 5, map);
  }

  /** Checks both sides together, whatever was folded, added and merged. */
  @Property(seed = "1", tries = 300, shrinking = ShrinkingMode.OFF)
  void bothSidesTogetherStayWithinTheBytes(
      @ForAll long seed,
      @ForAll Form form,
      @ForAll @IntRange(min = 1, max = 8) int d,
      @ForAll @IntRange(min = 1, max = 8) int dv,
      @ForAll @IntRange(min = 500, max = 200_000) int bytes)
      throws UnfitConfigException {
    Random random = new Random(seed);
    SketchConfig config = config(d, dv, bytes, OnepassFamily.FORM, form.label());
    Sizes sizes;
    try {
      sizes = Sizes.of(config);
    } catch (UnfitConfigException tooSmall) {
      assertThat(tooSmall).hasMessageContaining("a state size of about");
      assertThat(OnepassFamily.INSTANCE.querySide(config)).isEmpty();
      boolean directions = form == Form.DIRECTIONS;
      int least = directions ? Math.min(dv, Sizes.LEAST_COLUMNS) : Sizes.LEAST_M2;
      long buffer = Sizes.LEAST_BUFFERED * CoDirections.leastBufferBytes(d, dv);
      assertThat(OnepassSketch.bytes(form, d, dv, 2, least, buffer)).isGreaterThan(bytes);
      return;
    }
    assertThat(sizes.tokenBytes() + sizes.queryBytes()).isLessThanOrEqualTo(bytes);
    assertThat(OnepassFamily.INSTANCE.describe(config)).isNotEmpty();
    TokenBlock block = Streams.gaussian(random, 20, d, dv, 1);
    AttentionSketch tokens = OnepassFamily.INSTANCE.begin(config, block, AnchorSets.NONE);
    tokens.update(block);
    int tokenBytes = tokens.stateBytes();
    Optional<QuerySide> side = OnepassFamily.INSTANCE.querySide(config);
    assertThat(side.isPresent()).isEqualTo(sizes.k() > 0);
    int queryBytes = 0;
    if (side.isPresent()) {
      QuerySketch queries = side.get().begin();
      for (int i = 0; i < RowRanges.MAX; i++) {
        QueryBlock asked = Streams.queries(random, 2, d, 1, 0.5);
        queries.add(10L * i, asked, new float[2][dv], tokens);
      }
      assertThat(queries.stateBytes()).isLessThanOrEqualTo(side.get().maxBytes());
      assertThat(queries.toByteArray()).hasSize(queries.stateBytes());
      assertThat(queries.largestK()).isEqualTo(sizes.k());
      assertThat(sizes.eps1()).isLessThanOrEqualTo(1);
      queryBytes = queries.stateBytes();
    }
    assertThat(tokenBytes + queryBytes).isLessThanOrEqualTo(bytes);
  }

  /** Numbers of features that exceed an int, or a long, never fit. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void longKeysTakeDegree2AndLeaveTheRestToRecovery(Form form) throws UnfitConfigException {
    for (String degrade : new String[] {"true", "false"}) {
      SketchConfig config =
          config(64, 64, 1 << 20, "onepass.form", form.label(), "onepass.degrade", degrade);
      if (degrade.equals("false")) {
        assertThatThrownBy(() -> Sizes.of(config)).isInstanceOf(UnfitConfigException.class);
        continue;
      }
      Sizes sizes = Sizes.of(config);
      assertThat(sizes.degree().degree()).isEqualTo(2);
      assertThat(sizes.features()).isEqualTo(2145);
      assertThat(sizes.tokenBytes()).isBetween(1, 1 << 20);
      assertThat(sizes.k() > 0).isEqualTo(!form.queriesCloseTokens());
    }
    SketchConfig longest = config(8192, 8192, 1 << 20, "onepass.form", form.label());
    assertThatThrownBy(() -> Sizes.of(longest)).hasMessageContaining("a state size of about");
    SketchConfig high =
        config(
            3000, 4, Integer.MAX_VALUE, "onepass.form", form.label(), "onepass.logit-bound", "20");
    assertThat(Sizes.of(high).degree().degree()).isEqualTo(2);
  }

  @Test
  void requestedSizesAreUsedIfTheyFit() throws UnfitConfigException {
    SketchConfig roomy =
        config(
            4,
            3,
            1 << 20,
            "onepass.eps1",
            "0.5",
            "onepass.queries",
            "8192",
            "onepass.logit-bound",
            "1");
    Sizes sizes = Sizes.of(roomy);
    assertThat(sizes.degree().degree()).isEqualTo(6);
    assertThat(sizes.k()).isEqualTo(16);
    assertThat(sizes.phi()).isEqualTo(new Phi.Shape(21, Guarantee.GROUP_ROWS, 128));
    assertThat(sizes.eps1()).isEqualTo(0.5);
    assertThat(sizes.eps2()).isZero();
    assertThat(OnepassFamily.INSTANCE.describe(roomy)).contains("outputs", "degree 6", "k 16");
  }

  @Test
  void withoutEps1TheBytesDecideDownToATenth() throws UnfitConfigException {
    assertThat(Sizes.of(config(2, 1, 1 << 24)).eps1()).isEqualTo(0.1);
    Sizes tight = Sizes.of(config(2, 1, 16_000));
    assertThat(tight.k()).isEqualTo(16);
    assertThat(tight.eps1()).isBetween(0.1, 1.0);
    Sizes tighter = Sizes.of(config(2, 1, 4_000));
    assertThat(tighter.k()).isBetween(1, 15);
    assertThat(OnepassFamily.INSTANCE.describe(config(2, 1, 4_000))).contains("16 was wanted");
    assertThat(Sizes.of(config(2, 1, 700)).k()).isZero();
    assertThat(OnepassFamily.INSTANCE.describe(config(2, 1, 700))).contains("no recovery");
    assertThat(Sizes.of(config(2, 1, 16_000, "onepass.recover-k", "0")).queryBytes()).isZero();
  }

  @Test
  void psiTakesTheRestOrWhatEps2Requires() throws UnfitConfigException {
    Sizes rest = Sizes.of(config(2, 2, 1 << 18, "onepass.form", "paper"));
    assertThat(rest.m2()).isGreaterThan(500);
    assertThat(rest.tokenBytes() + rest.queryBytes()).isBetween((1 << 18) - 200, 1 << 18);
    Sizes asked =
        Sizes.of(
            config(
                2,
                2,
                1 << 22,
                "onepass.form",
                "paper",
                "onepass.eps2",
                "6",
                "onepass.logit-bound",
                "0.5"));
    assertThat(asked.eps2()).isCloseTo(6, org.assertj.core.api.Assertions.within(0.1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"paper", "moments", "outputs"})
  void withoutDegradingTooFewBytesAreRefused(String form) {
    String[] parameters = {"onepass.form", form, "onepass.degrade", "false"};
    SketchConfig tight = config(4, 3, 20_000, parameters);
    assertThat(OnepassFamily.INSTANCE.complaint(tight)).get().asString().contains("bytes");
    assertThat(OnepassFamily.INSTANCE.complaint(config(4, 3, 1 << 23, parameters))).isEmpty();
  }

  @Test
  void withoutDegradingEps1AndEps2AreKeptOrRefused() {
    assertThatThrownBy(
            () ->
                Sizes.of(config(2, 1, 20_000, "onepass.degrade", "false", "onepass.eps1", "0.01")))
        .hasMessageContaining("onepass.degrade");
    assertThatThrownBy(
            () ->
                Sizes.of(
                    config(
                        2,
                        1,
                        1 << 20,
                        "onepass.form",
                        "paper",
                        "onepass.degrade",
                        "false",
                        "onepass.eps2",
                        "0.001")))
        .hasMessageContaining("onepass.eps2");
  }

  @Test
  void parametersOutOfRangeAreNamed() {
    String[][] bad = {
      {"onepass.form", "sideways"},
      {"onepass.recover-k", "-1"},
      {"onepass.eps1", "2"},
      {"onepass.eps2", "-1"},
      {"onepass.queries", "0"},
      {"onepass.delta", "1"},
      {"onepass.degrade", "perhaps"},
      {"onepass.first-row", "-3"},
      {"onepass.logit-bound", "0"},
      {"onepass.tolerance", "x"}
    };
    for (String[] parameter : bad) {
      assertThat(OnepassFamily.INSTANCE.complaint(config(2, 1, 1 << 18, parameter)))
          .get()
          .asString()
          .contains(parameter[0]);
    }
  }
}
