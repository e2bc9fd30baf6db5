// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.junit.jupiter.api.Test;

class OnepassOptionsTest {

  /** The public names of options. Names may be added, but never changed. */
  private static final List<String> CONTRACT =
      List.of(
          "kafka.bootstrap.servers",
          "kafka.delivery-guarantee",
          "kafka.transactional-id-prefix",
          "kafka.transaction-timeout",
          "topics.tokens",
          "topics.queries",
          "topics.outputs",
          "topics.dead-letters",
          "topics.anchors",
          "records.format",
          "records.query-max-vectors",
          "sketch.type",
          "sketch.state-size",
          "sketch.key-dim",
          "sketch.value-dim",
          "sketch.scale",
          "sketch.seed",
          "sketch.cut-size",
          "heads",
          "anchors.file",
          "anchors.count",
          "anchors.keep",
          "anchors.learn",
          "anchors.learn-after",
          "order.mode",
          "order.lateness",
          "order.idleness",
          "order.ahead",
          "as-of.timeout",
          "as-of.max-waiting",
          "state.ttl",
          "decay.half-life",
          "decay.half-life-tokens",
          "shadow.one-in",
          "shadow.tokens",
          "shards.count",
          "shards.sequences",
          "onepass.form",
          "onepass.logit-bound",
          "onepass.tolerance",
          "onepass.recover-k",
          "onepass.eps1",
          "onepass.eps2");

  @Test
  void everyNameOfTheContractIsAnOptionOnce() {
    assertThat(OnepassOptions.all())
        .extracting(ConfigOption::key)
        .doesNotHaveDuplicates()
        .containsAll(CONTRACT);
    assertThat(OnepassOptions.KAFKA_PROPERTIES).isEqualTo("kafka.properties.");
    assertThat(OnepassOptions.HEAD).isEqualTo("head.");
  }

  @Test
  void everyOptionIsDescribed() {
    assertThat(OnepassOptions.all())
        .allSatisfy(
            option ->
                assertThat(new HtmlFormatter().format(option.description()))
                    .as(option.key())
                    .hasSizeGreaterThan(10)
                    .endsWith("."));
  }
}
