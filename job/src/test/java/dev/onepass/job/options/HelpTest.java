// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

class HelpTest {

  @Test
  void listsEveryOptionWithTypeDefaultAndDescription() {
    String help = Help.text();

    for (ConfigOption<?> option : OnepassOptions.all()) {
      assertThat(help).containsOnlyOnce("\n" + option.key() + " (");
    }
    assertThat(help)
        .contains("\nkafka.bootstrap.servers (text, no default)\n    Kafka brokers as host:port,")
        .contains(
            "\nkafka.delivery-guarantee (at-least-once | exactly-once, default at-least-once)\n    Guarantee for")
        .contains("\nas-of.timeout (time, default 1 min)\n")
        .contains("\nanchors.learn (true | false, default true)\n")
        .contains("\nsketch.seed (whole number, default 7)\n")
        .contains("\nkafka.properties.NAME\n")
        .contains("\nhead.NAME.key-dim,");
    assertThat(help.lines()).allMatch(line -> line.length() <= 100).doesNotContain("    ");
  }

  @Test
  void isRequestedOnlyByItsOwnArgument() {
    assertThat(Help.isAskedFor(new String[] {"--help"})).isTrue();
    assertThat(Help.isAskedFor(new String[] {"--config", "job.yaml", "--help"})).isTrue();
    assertThat(Help.isAskedFor(new String[] {"--config", "help", "--heads=--help"})).isFalse();
  }
}
