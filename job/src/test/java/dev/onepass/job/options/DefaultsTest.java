// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Pins the default of every option. A changed default changes the jobs of all users who do not set
 * the option: change it here too, and say so in the changelog.
 */
class DefaultsTest {

  /**
   * Every option with its default as a user would write it; options without a default end at "=".
   */
  private static final String DEFAULTS =
      """
      anchors.count=4096
      anchors.factor-cache=256MiB
      anchors.file=
      anchors.held-bytes=256MiB
      anchors.keep=8
      anchors.learn=true
      anchors.learn-after=10 min
      as-of.max-bytes=16MiB
      as-of.max-task-bytes=256MiB
      as-of.max-waiting=100000
      as-of.timeout=1 min
      columns.least-variance=0.9
      decay.half-life=
      decay.half-life-tokens=
      heads=default
      heavy.degree=2
      heavy.share=0.0
      kafka.bootstrap.servers=
      kafka.delivery-guarantee=at-least-once
      kafka.lost-records=continue
      kafka.transaction-timeout=15 min
      kafka.transactional-id-prefix=
      onepass.degrade=true
      onepass.eps1=
      onepass.eps2=
      onepass.form=outputs
      onepass.logit-bound=1.0
      onepass.recover-k=16
      onepass.tolerance=0.01
      order.ahead=10 min
      order.idleness=1 min
      order.lateness=5 s
      order.mode=arrival
      records.format=json
      records.query-max-vectors=1024
      shadow.one-in=0
      shadow.tokens=16384
      shards.count=1
      shards.sequences=
      sketch.cut-size=0
      sketch.key-dim=
      sketch.scale=
      sketch.seed=7
      sketch.state-size=128KiB
      sketch.type=hybrid
      sketch.value-dim=
      state.cache-size=64MiB
      state.ttl=
      topics.anchors=attention.anchors
      topics.dead-letters=attention.dead-letters
      topics.outputs=attention.outputs
      topics.queries=attention.queries
      topics.tokens=attention.tokens
      """;

  @Test
  void everyDefaultIsTheOneWrittenHere() {
    assertThat(
            OnepassOptions.all().stream()
                .map(
                    option ->
                        option.key()
                            + "="
                            + (option.hasDefaultValue()
                                ? OptionText.value(option.defaultValue())
                                : "")))
        .containsExactlyInAnyOrderElementsOf(DEFAULTS.lines().toList());
  }
}
