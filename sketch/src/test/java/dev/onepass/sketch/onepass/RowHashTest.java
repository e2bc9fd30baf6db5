// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowHashTest {

  private static final int SEEDS = 20_000;

  /** Five standard deviations of a mean of that many signs. */
  private static final double FIVE_SIGMA = 5 / Math.sqrt(SEEDS);

  @Test
  void anyFourSignsMultiplyToZeroOnAverage() {
    long[] rows = {0, 1, 2, 7, 8, 1000, 1 << 20, (1L << 40) + 1, (1L << 60) - 1};
    Random random = new Random(1);
    for (int trial = 0; trial < 20; trial++) {
      int count = 1 + random.nextInt(4);
      long[] some =
          random.ints(0, rows.length).distinct().limit(count).mapToLong(i -> rows[i]).toArray();
      double sum = 0;
      for (int seed = 0; seed < SEEDS; seed++) {
        RowHash hash = new RowHash(seed, 3);
        int product = 1;
        for (long row : some) {
          product *= RowHash.sign(hash.value(row));
        }
        sum += product;
      }
      assertThat(sum / SEEDS).isCloseTo(0, within(FIVE_SIGMA));
    }
  }

  @Test
  void twoRowsShareABucketByChanceIndependentlyOfTheirSigns() {
    for (int buckets : new int[] {3, 16, 100}) {
      int together = 0;
      int sameSign = 0;
      for (int seed = 0; seed < SEEDS; seed++) {
        RowHash hash = new RowHash(seed, 0);
        long a = hash.value(5);
        long b = hash.value(6);
        assertThat(RowHash.bucket(a, buckets)).isBetween(0, buckets - 1);
        if (RowHash.bucket(a, buckets) == RowHash.bucket(b, buckets)) {
          together++;
          sameSign += RowHash.sign(a) == RowHash.sign(b) ? 1 : 0;
        }
      }
      double expected = (double) SEEDS / buckets;
      assertThat((double) together).isCloseTo(expected, within(5 * Math.sqrt(expected)));
      assertThat(sameSign / (double) together).isCloseTo(0.5, within(2.5 / Math.sqrt(expected)));
    }
  }

  @Test
  void allOfManyBucketsAreReached() {
    RowHash hash = new RowHash(9, 1);
    int[] counts = new int[64];
    for (int j = 0; j < 64_000; j++) {
      counts[RowHash.bucket(hash.value(j), 64)]++;
    }
    for (int count : counts) {
      assertThat((double) count).isCloseTo(1000, within(5 * Math.sqrt(1000)));
    }
  }

  /** Compares arithmetic modulo 2^61 - 1 with big integers, by differences of a cubic. */
  @Test
  void valuesLieOnACubicPolynomial() {
    BigInteger prime = BigInteger.ONE.shiftLeft(61).subtract(BigInteger.ONE);
    RowHash hash = new RowHash(77, 5);
    for (long row : new long[] {0, 12345, (1L << 59) + 17}) {
      BigInteger[] v = new BigInteger[5];
      for (int i = 0; i < 5; i++) {
        long value = hash.value(row + i);
        assertThat(value).isBetween(0L, (1L << 61) - 2);
        v[i] = BigInteger.valueOf(value);
      }
      // The fourth difference of a cubic is 0.
      BigInteger fourth =
          v[0].subtract(v[1].multiply(BigInteger.valueOf(4)))
              .add(v[2].multiply(BigInteger.valueOf(6)))
              .subtract(v[3].multiply(BigInteger.valueOf(4)))
              .add(v[4]);
      assertThat(fourth.mod(prime)).isEqualTo(BigInteger.ZERO);
    }
  }
}
