// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.Streams;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DivisionTest {

  private static final int[] BYTES = {1, 100, 300, 500, 700, 1000, 2000, 5000, 20_000, 150_000};
  private static final int[] VALUE_DIMS = {1, 2, 7, 128};
  private static final double[] SHARES = {0, 0.1, 0.5, 0.99};

  private static SketchConfig config(int d, int dv, int bytes) {
    return new SketchConfig(d, dv, bytes, 0, Map.of());
  }

  /** Checks invariant 1 for every size that the family accepts, at every n. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20, 96})
  void bytesStayBelowTheBound(int d) {
    AnchorSet set = TestSets.inABall(d);
    for (int dv : VALUE_DIMS) {
      TokenBlock tokens = Streams.gaussian(new Random(d), 300, d, dv, 1);
      for (int bytes : BYTES) {
        SketchConfig config = config(d, dv, bytes);
        for (AnchoredFamily family : new AnchoredFamily[] {HYBRID, ANCHORS}) {
          if (fits(family, config)) {
            fold(family, config, AnchorSets.NONE, tokens);
            for (double share : SHARES) {
              AnchorSet shared = TestSets.withClusterShare(set, share);
              HybridSketch sketch = fold(family, config, AnchorSets.of(shared), tokens);
              assertThat(sketch.parts().hasClusters() || sketch.parts().rows().count() >= 16)
                  .isTrue();
              assertThat(sketch.anchorsVersion()).isEqualTo(sketch.parts().hasAnchors() ? 1 : 0);
            }
          }
        }
      }
    }
  }

  private static final AnchoredFamily HYBRID = AnchoredFamily.HYBRID;
  private static final AnchoredFamily ANCHORS = AnchoredFamily.ANCHORS;

  private static boolean fits(AnchoredFamily family, SketchConfig config) {
    if (family.complaint(config).isEmpty()) {
      return true;
    }
    TokenBlock nothing = new TokenBlock(config.keyDim(), 1, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> family.begin(config, nothing, AnchorSets.NONE));
    return false;
  }

  private static HybridSketch fold(
      AnchoredFamily family, SketchConfig config, AnchorSets anchors, TokenBlock tokens) {
    HybridSketch sketch =
        (HybridSketch)
            family.begin(config, new TokenBlock(config.keyDim(), config.valueDim(), 0), anchors);
    for (int from = 0; from < tokens.count(); from += 60) {
      sketch.update(tokens.slice(from, from + 60));
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(config.maxBytes());
      assertThat(sketch.toByteArray()).hasSize(sketch.stateBytes());
    }
    return sketch;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 7", "96, 128", "1, 900"})
  void theBytesNamedInAComplaintAreEnough(int d, int dv) {
    String complaint = HYBRID.complaint(config(d, dv, 100)).orElseThrow();
    assertThat(complaint).contains("a state size of about");
    int bytes = Integer.parseInt(complaint.replaceAll(".* take (\\d+) bytes.*", "$1"));
    assertThat(HYBRID.complaint(config(d, dv, bytes))).isEmpty();
    assertThat(fits(HYBRID, config(d, dv, bytes - 1))).isFalse();
  }

  @Test
  void clustersGetTheirShareAndAnchorsTheRest() {
    AnchorSet set = TestSets.inABall(3);
    SketchConfig config = config(3, 8, 2000);
    int left = 2000 - Division.overhead(8);
    assertThat(Division.of(config, Optional.empty(), true)).isEqualTo(new Division(0, left));
    int spare = left - 48 * AnchorSet.rowBytes(8);
    assertThat(Division.of(config, Optional.of(set), true)).isEqualTo(new Division(48, spare));
    assertThat(Division.of(config, Optional.of(set), false)).isEqualTo(new Division(48, 0));
    int tight = 2000 - spare + 100;
    assertThat(Division.of(config(3, 8, tight), Optional.of(set), true))
        .isEqualTo(new Division(48, 0));
    AnchorSet half = TestSets.withClusterShare(set, 0.5);
    assertThat(Division.of(config, Optional.of(half), true))
        .isEqualTo(new Division((left - left / 2) / AnchorSet.rowBytes(8), left / 2));
    assertThat(Division.of(config, Optional.of(half), false)).isEqualTo(new Division(48, 0));
    // A share that holds no clusters goes to the anchors; a share that leaves too few anchors goes
    // to clusters.
    AnchorSet little = TestSets.withClusterShare(set, 0.01);
    assertThat(Division.of(config(3, 8, tight), Optional.of(little), true))
        .isEqualTo(new Division(48, 0));
    AnchorSet most = TestSets.withClusterShare(set, 0.99);
    assertThat(Division.of(config, Optional.of(most), true)).isEqualTo(new Division(0, left));
  }
}
