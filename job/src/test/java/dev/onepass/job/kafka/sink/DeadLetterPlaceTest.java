// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Headers.Header;
import dev.onepass.operators.event.RawRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeadLetterPlaceTest {

  private static RawRecord letter(String... namesAndValues) {
    List<Header> headers =
        Stream.iterate(0, i -> i < namesAndValues.length, i -> i + 2)
            .map(
                i ->
                    new Header(
                        namesAndValues[i], namesAndValues[i + 1].getBytes(StandardCharsets.UTF_8)))
            .toList();
    return RawRecord.toWrite("dead-letters", null, null, new Headers(headers));
  }

  @Test
  void theLettersOwnHeadersComeLast() {
    assertThat(
            DeadLetterPlace.of(
                letter(
                    "topic",
                    "of the record",
                    "partition",
                    "7",
                    "offset",
                    "none",
                    "topic",
                    "queries",
                    "partition",
                    "1",
                    "offset",
                    "23")))
        .contains(new Place("queries", 1, 23));
  }

  @Test
  void aLetterWithoutHeadersHasNoPlace() {
    assertThat(DeadLetterPlace.of(letter("topic", "queries", "partition", "1"))).isEmpty();
    assertThat(DeadLetterPlace.of(letter("topic", "q", "partition", "1", "offset", "x"))).isEmpty();
  }
}
