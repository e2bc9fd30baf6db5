// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlanTest {

  @Test
  void allSelectsEveryDisturbanceInEachMode() {
    assertThat(Plan.cells("all", "all"))
        .hasSize(Disturbance.values().length * Mode.values().length)
        .doesNotHaveDuplicates();
  }

  @Test
  void selectsDisturbancesByName() {
    assertThat(Plan.cells("broker-away-30-s, storage-full", "exactly-once"))
        .containsExactly(
            new Cell(Disturbance.BROKER_AWAY_30_S, Mode.EXACTLY_ONCE),
            new Cell(Disturbance.STORAGE_FULL, Mode.EXACTLY_ONCE));
  }

  @Test
  void listsTheKnownNamesAfterAnUnknownOne() {
    assertThatThrownBy(() -> Plan.cells("brokers-away", "all"))
        .hasMessageContaining("chaos: unknown value 'brokers-away'")
        .hasMessageContaining("broker-away-30-s, broker-away-120-s");
  }
}
