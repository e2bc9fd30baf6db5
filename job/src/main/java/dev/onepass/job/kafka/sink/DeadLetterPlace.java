// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.operators.event.Headers.Header;
import dev.onepass.operators.event.RawRecord;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the place of a refused record from the headers of its dead letter. The last header of each
 * name counts, since the record's own headers come first.
 */
final class DeadLetterPlace {

  private DeadLetterPlace() {}

  /** Returns the place, or empty if the headers do not name one. */
  static Optional<Place> of(RawRecord letter) {
    String topic = header(letter, "topic");
    String partition = header(letter, "partition");
    String offset = header(letter, "offset");
    if (topic == null || partition == null || offset == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Place(topic, Integer.parseInt(partition), Long.parseLong(offset)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String header(RawRecord letter, String name) {
    String last = null;
    for (Header header : letter.headers().entries()) {
      if (header.name().equals(name) && header.value() != null) {
        last = new String(header.value(), StandardCharsets.UTF_8);
      }
    }
    return last;
  }
}
