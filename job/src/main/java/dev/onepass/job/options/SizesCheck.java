// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.function.ToLongFunction;
import org.apache.flink.configuration.ConfigOption;

/**
 * Checks the sizes that numbers of vectors amount to, with the dimensions of the widest head. Each
 * of them is a value of the state backend or an array, and neither can exceed 2 GiB.
 */
final class SizesCheck {

  /** A query of a measured sequence reads all tokens of the shadow as one value. */
  static final long LARGEST_SHADOW = 64L << 20;

  /** Bytes around a token in a list of state: weight, length and separator. */
  private static final int SHADOW_FRAMING = 6;

  /** The heap holds the sums of all vectors of a query at once. */
  static final long LARGEST_ANSWER = 64L << 20;

  /** The learner reads the samples of a set as one value, and copies them. */
  static final long LARGEST_SAMPLE = 512L << 20;

  /** Sampled queries per anchor. The learner samples at most 16 384 keys, which fit as well. */
  private static final int QUERIES_AN_ANCHOR = 2;

  private final OptionValues values;

  SizesCheck(OptionValues values) {
    this.values = values;
  }

  void check(SequenceOptions sequences, int queryVectors) {
    ShadowSampling shadows = sequences.shadows();
    if (shadows.oneIn() > 0 || values.isGiven(OnepassOptions.SHADOW_TOKENS)) {
      bound(
          OnepassOptions.SHADOW_TOKENS,
          shadows.maxTokens(),
          LARGEST_SHADOW,
          sequences,
          head -> SHADOW_FRAMING + (long) Float.BYTES * (head.keyDim() + head.valueDim()));
    }
    bound(
        OnepassOptions.QUERY_MAX_VECTORS,
        queryVectors,
        LARGEST_ANSWER,
        sequences,
        head -> (long) Double.BYTES * Math.max(head.keyDim(), head.valueDim()));
    AnchorOptions anchors = sequences.anchors();
    if (anchors.learn()) {
      bound(
          OnepassOptions.ANCHORS_COUNT,
          anchors.count(),
          LARGEST_SAMPLE,
          sequences,
          head -> (long) QUERIES_AN_ANCHOR * Float.BYTES * head.keyDim());
    }
    sequences.heads().forEach(head -> checkFactors(head, anchors));
  }

  private void checkFactors(HeadSpec head, AnchorOptions anchors) {
    if (!values.problems().isEmpty()) {
      return; // Other problems may be the cause.
    }
    long needed = head.family().factorBytes(head.sketchConfig(head.layout()), anchors.count());
    if (needed > anchors.factorBytes()) {
      values.complain(
          "%s: answers of head %s can need a factor of %s, but the limit is %s; set %s to at least %s, or set a smaller %s or sketch.state-size"
              .formatted(
                  OnepassOptions.ANCHORS_FACTOR_CACHE.key(),
                  Shown.text(head.name()),
                  mebibytes(needed),
                  ByteSize.format(anchors.factorBytes()),
                  OnepassOptions.ANCHORS_FACTOR_CACHE.key(),
                  mebibytes(needed),
                  OnepassOptions.ANCHORS_COUNT.key()));
    }
  }

  /** Writes a size in MiB, rounded up. */
  private static String mebibytes(long bytes) {
    return (((bytes - 1) >> 20) + 1) + "MiB";
  }

  private void bound(
      ConfigOption<Integer> option,
      int number,
      long most,
      SequenceOptions sequences,
      ToLongFunction<HeadSpec> bytesOfOne) {
    long each = sequences.heads().stream().mapToLong(bytesOfOne).max().orElse(0);
    if (each > 0 && number > most / each) {
      values.complain(
          "%s: %d times %d bytes (in the widest head) exceed %s; set at most %d"
              .formatted(option.key(), number, each, ByteSize.format(most), most / each));
    }
  }
}
