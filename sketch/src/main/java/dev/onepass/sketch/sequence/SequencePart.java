// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * One part's share of the answers to a block of queries: counts and softmax sums. Softmax over the
 * union of several sets of tokens is the sum of their numerators over the sum of their
 * denominators. So the parts of any families add up, and so do their stated errors.
 *
 * @param counts the part's counts
 * @param sums one row per query vector; null for a part without tokens or without queries
 * @param range the range of the part's values; null if there are no sums
 * @param exponent the sums are relative to 2^exponent; 0 without decay
 * @param age ln of the factor by which sums of this exponent have decayed at the time of the
 *     answer, as far as this part knows that time: 0 to ln 2; 0 without decay
 */
public record SequencePart(
    SequenceCounts counts, SoftmaxSum sums, ValueRange range, long exponent, double age) {

  private static final int VERSION = 3;

  /** Marks; version 1 has only this first one. Versions 1 and 2 know no projected keys. */
  private static final int EXACT = 1;

  private static final int INCOMPLETE = 2;
  private static final int PROJECTED = 4;

  private static final double LN2 = Math.log(2);

  /** Returns the same part of a sequence that may lack tokens. */
  public SequencePart markedIncomplete() {
    return new SequencePart(counts.markedIncomplete(), sums, range, exponent, age);
  }

  /** Returns the answers of a sequence that has only this part. */
  public Answers answers() {
    return answers(List.of(this));
  }

  /** Returns the counts of a sequence that is kept in these parts, at least one. */
  public static SequenceCounts counts(List<SequencePart> parts) {
    return SequenceCounts.sum(parts.stream().map(SequencePart::counts).toList());
  }

  /**
   * Returns the answers of a sequence that is kept in these parts.
   *
   * @param parts their answers to the same queries, at least one
   * @return one row per query vector, or {@link Answers#NONE} if no part has tokens
   * @throws IllegalArgumentException if parts differ in the length of values
   */
  public static Answers answers(List<SequencePart> parts) {
    List<SequencePart> full = parts.stream().filter(part -> part.sums != null).toList();
    if (full.isEmpty()) {
      return Answers.NONE;
    }
    int rows = full.get(0).sums.queries();
    int valueDim = full.get(0).sums.valueDim();
    SequencePart present = latest(parts);
    SoftmaxSum sums = new SoftmaxSum(rows, valueDim);
    ValueRange range = new ValueRange(valueDim);
    for (SequencePart part : full) {
      if (part.sums.valueDim() != valueDim) {
        throw new IllegalArgumentException(
            "Expected parts with values of length %d, got length %d."
                .formatted(valueDim, part.sums.valueDim()));
      }
      sums.add(part.sums, (part.exponent - present.exponent) * LN2);
      range.include(part.range);
    }
    SequenceCounts counts = counts(full);
    float[][] outputs = new float[rows][valueDim];
    float[] error = new float[rows];
    double[] logNormalizer = new double[rows];
    float[] logNormalizerError = new float[rows];
    float[] beyondBound = new float[rows];
    for (int q = 0; q < rows; q++) {
      for (int c = 0; c < valueDim; c++) {
        outputs[q][c] = range.clamp(c, sums.output(q, c));
      }
      logNormalizer[q] = finite(sums.logNormalizer(q) - present.age);
      beyondBound[q] = (float) (sums.beyondBound(q) / counts.tokens());
      boolean stated = isStated(full, q);
      error[q] = sums.isLost(q) ? 1 : stated ? error(sums, q, outputs[q]) : Float.NaN;
      logNormalizerError[q] =
          stated && !sums.isLost(q) ? atMost(sums.logNormalizerError(q)) : Float.NaN;
    }
    return new Answers(
        outputs,
        error,
        logNormalizer,
        logNormalizerError,
        sums.isBounded() ? beyondBound : null,
        -1);
  }

  /** Returns the part that knows the latest time. */
  private static SequencePart latest(List<SequencePart> parts) {
    return parts.stream()
        .max(
            Comparator.comparingLong(SequencePart::exponent).thenComparingDouble(SequencePart::age))
        .orElseThrow();
  }

  /**
   * Returns whether every part that is not exact states its error. No part of projected keys does:
   * what the projection loses is not known for single answers.
   */
  private static boolean isStated(List<SequencePart> parts, int q) {
    return parts.stream().noneMatch(part -> part.counts.projected())
        && parts.stream().allMatch(part -> part.counts.exact() || part.sums.isEstimated(q));
  }

  /** Returns the stated error relative to the answer's length; 0 if every part is exact. */
  private static float error(SoftmaxSum sums, int q, float[] output) {
    double square = 0;
    for (float coordinate : output) {
      square += (double) coordinate * coordinate;
    }
    return atMost(sums.error(q) / Math.max(Math.sqrt(square), Double.MIN_NORMAL));
  }

  /** Returns a bound as a finite float. */
  private static float atMost(double bound) {
    return (float) Math.min(Float.MAX_VALUE, bound);
  }

  private static double finite(double x) {
    return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, x));
  }

  /**
   * Returns the part's bytes, little-endian: version (i1), counts, if there are sums the sums and
   * the range of the values, exponent (i8), and age (f8).
   */
  public byte[] toByteArray() {
    byte[] family = counts.family().getBytes(StandardCharsets.UTF_8);
    int said = sums == null ? 0 : sums.bytes() + ValueRange.bytes(sums.valueDim());
    WireWriter out =
        new WireWriter(3 + 7 * Long.BYTES + Integer.BYTES + Short.BYTES + family.length + said);
    out.putByte(VERSION);
    out.putLong(counts.accepted());
    out.putLong(counts.tokens());
    out.putLong(counts.position());
    out.putLong(counts.duplicates());
    out.putLong(counts.stateBytes());
    out.putByte(
        (counts.exact() ? EXACT : 0)
            | (counts.incomplete() ? INCOMPLETE : 0)
            | (counts.projected() ? PROJECTED : 0));
    out.putInt(counts.anchorsVersion());
    out.putShort(family.length);
    out.putBytes(family);
    out.putByte(sums == null ? 0 : 1);
    if (sums != null) {
      sums.write(out);
      range.write(out);
    }
    out.putLong(exponent);
    out.putDouble(age);
    return out.toByteArray();
  }

  /**
   * Reads the bytes that {@link #toByteArray()} wrote, in this version or an older one.
   *
   * @throws CorruptSketchException if the bytes are not a part
   */
  public static SequencePart fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(Objects.requireNonNull(bytes));
    int version = in.getByte();
    if (version < 1 || version > VERSION) {
      throw new CorruptSketchException("version " + version + " of a part is not known");
    }
    long accepted = in.getLong();
    long tokens = in.getLong();
    long position = in.getLong();
    long duplicates = in.getLong();
    long stateBytes = in.getLong();
    int marks = in.getByte();
    SequenceCounts counts =
        new SequenceCounts(
            accepted,
            tokens,
            position,
            duplicates,
            stateBytes,
            (marks & EXACT) != 0,
            in.getInt(),
            new String(in.getBytes(in.getShort()), StandardCharsets.UTF_8),
            (marks & INCOMPLETE) != 0,
            (marks & PROJECTED) != 0);
    SoftmaxSum sums = in.getByte() == 0 ? null : SoftmaxSum.read(in);
    ValueRange range = sums == null ? null : ValueRange.read(in, sums.valueDim());
    long exponent = version < 3 ? 0 : in.getLong();
    double age = version < 3 ? 0 : in.getDouble();
    in.expectEnd();
    return new SequencePart(counts, sums, range, exponent, age);
  }
}
