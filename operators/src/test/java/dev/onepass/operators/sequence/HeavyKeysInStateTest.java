// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.heavy.HeavySketch;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of the theorem for |x|^2 (LevAttention, arXiv 2410.05462) in the operator's own
 * state: the stored sketch holds every key that can get more than the guaranteed share of the
 * weight of any query, after crashes and restores.
 */
class HeavyKeysInStateTest {
  private static final int TOKENS = 1_200;
  private static final int D = TokenStream.KEY_DIM;

  private final TokenStream tokens = new TokenStream(21);
  @TempDir Path directory;

  private static HeadSpec head() {
    return new HeadSpec(
        "heavy",
        D,
        TokenStream.VALUE_DIM,
        TokenStream.SCALE,
        8192,
        8,
        SketchFamilies.withHeavyKeys(PolynomialFamily.INSTANCE),
        7,
        Map.of(HeavyFamily.SHARE, "0.3"));
  }

  /** Returns a key; every 100th is an outlier, and the directions of outliers change. */
  private float[] key(int token) {
    float[] key = tokens.key(token);
    if (token % 100 == 37) {
      key[token / 100 % D] *= 30;
    }
    return key;
  }

  private RunningSequences run(int... crashes) throws Exception {
    RunningSequences running =
        new RunningSequences(TestOptions.of(null, head()), directory.resolve("" + crashes.length));
    int next = 0;
    for (int crash : crashes) {
      take(running, next, crash);
      RunningSequences.Checkpoint checkpoint = running.checkpoint();
      // These tokens are lost with the crash and come again.
      take(running, crash, crash + 45);
      running.restore(checkpoint, 1);
      next = crash;
    }
    take(running, next, TOKENS);
    return running;
  }

  private void take(RunningSequences running, int from, int to) throws Exception {
    for (int token = from; token < to; token++) {
      running.sequence("heavy", "s").take(token, key(token), tokens.value(token));
    }
  }

  @Test
  void everyHeavyKeyIsInTheStoredSketchAfterCrashes() throws Exception {
    byte[] uninterrupted;
    try (RunningSequences running = run()) {
      uninterrupted = running.sequence("heavy", "s").stored().sketch();
    }
    byte[] stored;
    try (RunningSequences running = run(60, 333, 700, 1_111)) {
      stored = running.sequence("heavy", "s").stored().sketch();
    }
    assertThat(stored).isEqualTo(uninterrupted);

    HeavySketch sketch = (HeavySketch) SketchFamilies.heapify(stored, AnchorSets.NONE);
    int folded = (int) sketch.tokenCount();
    assertThat(folded).isBetween(TOKENS - 8, TOKENS);
    double guaranteed = sketch.keys().guaranteedShare();
    assertThat(guaranteed).isBetween(0.01, 0.2);
    double[] leverages = leverages(folded);
    int heavy = 0;
    for (int token = 0; token < folded; token++) {
      // The query G^-1 k gives key k exactly this share of the weight under |x|^2.
      if (leverages[token] > guaranteed) {
        heavy++;
        assertThat(holds(sketch.keys().tokens(), key(token)))
            .as("token %d with a share of %s", token, leverages[token])
            .isTrue();
      }
    }
    assertThat(heavy).isGreaterThanOrEqualTo(8);
  }

  private static boolean holds(TokenBlock kept, float[] key) {
    for (int j = 0; j < kept.count(); j++) {
      boolean same = true;
      for (int i = 0; i < D; i++) {
        same &= kept.keys()[j * D + i] == key[i];
      }
      if (same) {
        return true;
      }
    }
    return false;
  }

  /** Returns k' G^-1 k for each of the first tokens, by Gauss-Jordan elimination. */
  private double[] leverages(int count) {
    double[][] gram = new double[D][2 * D];
    for (int i = 0; i < D; i++) {
      gram[i][D + i] = 1;
      for (int token = 0; token < count; token++) {
        float[] key = key(token);
        for (int l = 0; l < D; l++) {
          gram[i][l] += (double) key[i] * key[l];
        }
      }
    }
    for (int p = 0; p < D; p++) {
      double pivot = gram[p][p];
      for (int l = 0; l < 2 * D; l++) {
        gram[p][l] /= pivot;
      }
      for (int i = 0; i < D; i++) {
        double factor = gram[i][p];
        for (int l = 0; i != p && l < 2 * D; l++) {
          gram[i][l] -= factor * gram[p][l];
        }
      }
    }
    double[] leverages = new double[count];
    for (int token = 0; token < count; token++) {
      float[] key = key(token);
      for (int i = 0; i < D; i++) {
        for (int l = 0; l < D; l++) {
          leverages[token] += (double) key[i] * gram[i][D + l] * key[l];
        }
      }
    }
    return leverages;
  }
}
