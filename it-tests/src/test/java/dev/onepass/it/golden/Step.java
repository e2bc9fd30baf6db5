// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Records that are sent to a job, and what comes of them.
 *
 * @param sent the records, in the order in which they are sent
 * @param replies what the job writes to the outputs topic, in any order
 * @param letters what the job writes to the dead letters topic, in any order
 * @param sets number of anchor sets that the job writes to the anchors topic
 */
record Step(List<Sent> sent, List<JsonNode> replies, List<Letter> letters, int sets) {

  /**
   * A record for a job.
   *
   * @param topic {@code tokens} or {@code queries}
   * @param timestamp in epoch milliseconds; null for the time of sending
   * @param key the sequence
   * @param value null for a record without a value
   */
  record Sent(String topic, Long timestamp, String key, JsonNode value) {

    /** Reads a value of JSON that is null as none. */
    Sent {
      value = value == null || value.isNull() ? null : value;
    }
  }

  /**
   * A dead letter.
   *
   * @param key of the refused record
   * @param field at fault, which the reason begins with
   */
  record Letter(String key, String field) {}

  /** Copies the lists. */
  Step {
    sent = List.copyOf(sent);
    replies = List.copyOf(replies);
    letters = List.copyOf(letters);
  }
}
