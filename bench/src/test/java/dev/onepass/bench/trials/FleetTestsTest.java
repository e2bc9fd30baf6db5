// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FleetTestsTest {
  /** Windows of 100 rows: sequences 0 to 2 are past, 3 and 4 are tested. */
  private static final Head HEAD = Planted.gaussian(500, 4, 8, 0.5, Planted.Values.SIGNAL, 7);

  private static FleetTests tests;

  @BeforeAll
  static void answerExactly() {
    Fleet fleet = Fleet.ofWindows(HEAD, 100);
    FleetSplit.Rule rule = new FleetSplit.Rule(0.6, 0.8, 64, false);
    tests = FleetTests.of(fleet, FleetSplit.of(fleet, rule, 7), FleetTests.ofSplit(fleet));
  }

  private static Method deployed(String name) {
    return new Deployed(SketchFamilies.byName(name).orElseThrow());
  }

  @Test
  void answersAreExactOverTheTokensOfTheSequence() {
    assertThat(tests.all()).extracting(FleetTests.Sequence::number).containsExactly(3, 4);
    assertThat(tests.tokens()).containsExactly(80, 80);
    TestSet second = tests.all().get(1).test();
    QueryBlock queries = HEAD.queries(480, 500);
    assertThat(second.queries().vectors()).isEqualTo(queries.vectors());
    Head tokens = HEAD.only(IntStream.range(400, 480).toArray());
    assertThat(Errors.relative(second.exact(), Attention.exact(tokens, 80, queries)))
        .isCloseTo(0, within(1e-12));
  }

  @Test
  void everySequenceHasItsOwnState() {
    AtomicLong fed = new AtomicLong();

    List<Trial.Outcome> all = tests.answer(deployed("exact"), 16 << 10, 7, fed::addAndGet);

    assertThat(fed).hasValue(160);
    for (int i = 0; i < 2; i++) {
      assertThat(all.get(i).exact()).isTrue();
      assertThat(
              Errors.relative(all.get(i).answered().outputs(), tests.all().get(i).test().exact()))
          .isLessThan(1e-6);
    }
    assertThat(tests.answer(deployed("cluster"), 2 << 10, 7, fed::addAndGet))
        .allMatch(outcome -> !outcome.exact() && outcome.stateBytes() <= 2 << 10);
  }

  @Test
  void aFullSequenceFailsTheCell() {
    assertThatThrownBy(() -> tests.answer(deployed("exact"), 2 << 10, 7, fed -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequence full");
  }

  @Test
  void aCellIsVoidIfOneSequenceTakesMoreBytes() {
    float firstKey = tests.all().get(1).feed().head().keys()[0];

    assertThat(tests.answer(new Growing(firstKey), 2_001, 7, fed -> {})).hasSize(2);
    assertThatThrownBy(() -> tests.answer(new Growing(firstKey), 2_000, 7, fed -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequence 4 takes 2001 bytes, but 2000 are allowed");
  }

  /**
   * A method whose state takes 2 000 bytes, and one more after queries if the stream begins with a
   * certain key.
   */
  private record Growing(float growsAfter) implements Method {
    @Override
    public String name() {
      return "growing";
    }

    @Override
    public State begin(Head head, int bytes, long seed) {
      return new State() {
        private boolean begun;
        private boolean grows;
        private boolean asked;

        @Override
        public void accept(float[] key, float[] value) {
          grows |= !begun && key[0] == growsAfter;
          begun = true;
        }

        @Override
        public Answered answer(QueryBlock queries) {
          asked = true;
          return new Answered(
              new float[queries.count()][head.valueDim()], new float[queries.count()]);
        }

        @Override
        public long stateBytes() {
          return asked && grows ? 2_001 : 2_000;
        }

        @Override
        public boolean isExact() {
          return false;
        }
      };
    }
  }
}
