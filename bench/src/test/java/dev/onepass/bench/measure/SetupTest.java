// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetupTest {
  private static final Head HEAD = Planted.gaussian(512, 3, 2, 0.3, Planted.Values.SIGNAL, 7);

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8, 14})
  void degreeIsTheRequestedOne(int degree) {
    assertThat(Setup.of("polynomial", Setup.AMPLE, 7).degree(degree).degree(HEAD))
        .isEqualTo(degree);
    assertThat(Setup.onepass("moments", Setup.AMPLE, 7).degree(degree).degree(HEAD))
        .isEqualTo(degree);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 100, 4_096})
  void psiHasTheRequestedBuckets(int m2) {
    Setup paper = Setup.onepass("paper", Setup.AMPLE, 7).degree(4).answersOnly();
    assertThat(paper.m2(HEAD, m2).m2(HEAD)).isEqualTo(m2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"outputs", "moments", "paper", "directions"})
  void formsAnswerAccurately(String form) {
    Setup setup = Setup.onepass(form, Setup.AMPLE, 7).degree(8).answersOnly();
    if (form.equals("paper")) {
      setup = setup.m2(HEAD, 65_536);
    }
    double[][] exact = Attention.exact(HEAD, 400, HEAD.queries(400, 512));
    double[][] answers = Attention.answers(setup.fold(HEAD, 400), HEAD.queries(400, 512));
    assertThat(Errors.relative(answers, exact)).isLessThan(form.equals("paper") ? 0.1 : 1e-4);
  }
}
