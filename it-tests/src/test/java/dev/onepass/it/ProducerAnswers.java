// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks the answers that the producer of docker-compose.yml gets. */
final class ProducerAnswers {

  /** A smaller number of sketched answers says little. */
  private static final int ENOUGH = 100;

  private ProducerAnswers() {}

  /** Tells whether an answer comes from a sketch. */
  static boolean isSketched(JsonNode answer) {
    return answer.has("outputs") && !answer.get("exact").booleanValue();
  }

  /** Tells whether there are enough answers, and more than half of them come from sketches. */
  static boolean areMostlySketched(List<JsonNode> answers) {
    List<JsonNode> producers = answers.stream().filter(ProducerAnswers::isOfTraffic).toList();
    long sketched = producers.stream().filter(ProducerAnswers::isSketched).count();
    return sketched > Math.max(ENOUGH, producers.size() / 2);
  }

  /** Returns the runs of the producer: the second part of the names of its sessions. */
  static Set<String> runs(List<JsonNode> answers) {
    return answers.stream()
        .filter(ProducerAnswers::isOfTraffic)
        .map(answer -> nameParts(answer)[1])
        .collect(Collectors.toSet());
  }

  /**
   * Checks the answers to the producer. All answers of a sequence are in one partition, so they are
   * read in the order in which they were written.
   */
  static void check(List<JsonNode> all) {
    List<JsonNode> answers = all.stream().filter(ProducerAnswers::isOfTraffic).toList();
    Map<String, Long> tokens = new HashMap<>();
    int risen = 0;
    for (JsonNode answer : answers) {
      long seen = answer.get("tokens").longValue();
      // While the job started, a query may have timed out before the first token arrived.
      assertThat(seen > 0 || answer.get("timed_out").booleanValue()).as("%s", answer).isTrue();
      assertThat(answer.get("position").asLong(-1)).as("%s", answer).isEqualTo(seen - 1);
      Long before = tokens.put(answer.get("sequence").textValue(), seen);
      if (before != null) {
        assertThat(seen).as("%s", answer).isGreaterThanOrEqualTo(before);
        risen += seen > before ? 1 : 0;
      }
      for (int row = 0; row < answer.get("outputs").size(); row++) {
        assertThat(answer.get("outputs").get(row))
            .hasSize(ComposeITCase.DIM)
            .allMatch(JsonNode::isNumber);
        checkError(answer, answer.get("error").get(row));
      }
    }
    assertThat(risen)
        .as("answers over more tokens than the answer before")
        .isGreaterThan(answers.size() / 2);
    assertThat(answers)
        .filteredOn(ProducerAnswers::isSketched)
        .hasSizeGreaterThan(answers.size() / 2);
  }

  /**
   * Checks the error that an answer states. Traffic begins after the anchor sets are published, so
   * every sketch has anchors and states an error.
   */
  private static void checkError(JsonNode answer, JsonNode error) {
    assertThat(error.isNumber()).as("%s", answer).isTrue();
    if (answer.get("exact").booleanValue()) {
      assertThat(error.doubleValue()).as("%s", answer).isZero();
    } else {
      assertThat(answer.get("anchors_version").isNumber()).as("%s", answer).isTrue();
      assertThat(error.doubleValue()).as("%s", answer).isBetween(0.0, 100.0);
    }
  }

  /**
   * Tells whether an answer belongs to the producer's traffic. The names of its sessions have three
   * parts; those of the past sessions from which the job learns have four.
   */
  private static boolean isOfTraffic(JsonNode answer) {
    return nameParts(answer).length == 3;
  }

  private static String[] nameParts(JsonNode answer) {
    return answer.get("sequence").textValue().split("-");
  }
}
