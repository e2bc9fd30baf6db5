// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.report.Comparison;
import dev.onepass.demo.report.Outcome;
import dev.onepass.demo.run.HeadAnchors;
import dev.onepass.demo.run.Topics;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepliesTest {
  private static final HeadName HEAD = new HeadName(0, 7);

  @TempDir Path directory;

  @Test
  void rateCountsTokensAfterTheFirstFold() throws Exception {
    Plan plan = Plan.draw(List.of(HEAD), 1_000, 8, 0, 1, 7);
    String sequence = plan.longSequences().get(0).id();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      for (String topic : Topics.ALL) {
        kafka.createTopic(topic, 1, Map.of());
      }
      try (Replies replies = Replies.ofAllTime(kafka.bootstrapServers());
          KafkaProducer<byte[], byte[]> producer =
              new KafkaProducer<>(
                  Map.of("bootstrap.servers", kafka.bootstrapServers()),
                  new ByteArraySerializer(),
                  new ByteArraySerializer())) {
        reply(producer, stats(sequence, 100, true));
        Replies.Folding before =
            Awaitility.await().until(replies::folding, Optional::isPresent).orElseThrow();
        assertThat(before.exact()).isTrue();

        reply(producer, stats(sequence, 400, false));
        Awaitility.await().until(() -> !replies.folding().orElseThrow().exact());
        reply(producer, stats(sequence, 900, false));
        reply(producer, answer(plan.questions().get(0).id()));
        Awaitility.await().until(() -> replies.answered() == 1);

        Replies.Folding folding = replies.folding().orElseThrow();
        assertThat(folding.accepted()).isEqualTo(400);
        assertThat(folding.exact()).isFalse();
        assertThat(folding.nanos()).isGreaterThan(before.nanos());
        long last = replies.answers().values().iterator().next().nanos();
        HeadRows rows =
            new HeadRows(1_000, 1, new float[1_000], new float[1_000], new float[1_000]);
        Outcome outcome =
            Outcome.of(
                plan, replies, HeadAnchors.NONE, new Comparison(Map.of(HEAD, rows), Decay.NONE));
        double seconds = Duration.ofNanos(last - folding.nanos()).toNanos() / 1e9;
        assertThat(outcome.tokensPerSecond().orElseThrow())
            .isCloseTo(600 / seconds, within(1e-6 * 600 / seconds));
      }
    }
  }

  private static String stats(String sequence, int tokens, boolean exact) {
    return "{\"sequence\":\"%s\",\"query_id\":\"progress-%d\",\"tokens\":%d,\"state_bytes\":9,\"exact\":%s}"
        .formatted(sequence, tokens, tokens, exact);
  }

  private static String answer(String id) {
    return "{\"query_id\":\"%s\",\"tokens\":1000,\"outputs\":[[0]],\"error\":[0],\"exact\":false}"
        .formatted(id);
  }

  private static void reply(KafkaProducer<byte[], byte[]> producer, String record)
      throws Exception {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(Topics.OUTPUTS, bytes)).get();
  }
}
