// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuaranteeTest {

  // 21 rows of 128 work for n = 8192, k = 16 (docs/algorithms.md).
  @Test
  void knownGoodSizesAreChosen() {
    int buckets = (int) Guarantee.buckets(16, 0.5);
    assertThat(buckets).isEqualTo(128);
    assertThat(Guarantee.rows(8192, 16, buckets, 0.01)).isEqualTo(21);
    assertThat(Guarantee.eps1(16, buckets)).isEqualTo(0.5);
    // Seven rows always fail: more than one false entry per column is expected.
    double p = 0.5 * 16 / 128 + 0.02275;
    assertThat(2 * 8192 * Guarantee.majority(7, p)).isGreaterThan(10);
  }

  @ParameterizedTest
  @CsvSource({"1,0.3,0.3", "3,0.1,0.028", "5,0.5,0.5", "7,0.2,0.033344"})
  void aMajorityIsTheUpperHalfOfABinomial(int rows, double p, double expected) {
    assertThat(Guarantee.majority(rows, p)).isCloseTo(expected, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"1,100", "10,8192", "100,65536", "16,1e9"})
  void moreQueriesAndFewerBucketsTakeMoreRows(int k, double n) {
    int rows = Guarantee.rows(n, k, 8 * k, 0.01);
    assertThat(rows % 2).isOne();
    assertThat(Guarantee.rows(100 * n, k, 8 * k, 0.01)).isGreaterThan(rows);
    assertThat(Guarantee.rows(n, k, 4 * k, 0.01)).isGreaterThan(rows);
    assertThat(Guarantee.rows(n, k, 8 * k, 0.0001)).isGreaterThan(rows);
  }

  @ParameterizedTest
  @CsvSource({"0.5,0.1", "1,1", "4,10"})
  void eps2AndBucketsOfPsiAreInverses(double bound, double eps2) {
    double m2 = Guarantee.m2(eps2, bound, 0.01);
    assertThat(Guarantee.eps2(m2, bound, 0.01)).isCloseTo(eps2, within(1e-3 * eps2));
    assertThat(Guarantee.eps2(m2, bound, 0.01)).isLessThanOrEqualTo(eps2);
  }
}
