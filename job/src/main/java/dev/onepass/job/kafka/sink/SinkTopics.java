// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import java.io.Serializable;
import java.util.List;

/**
 * The names of the topics that the sink distinguishes.
 *
 * @param queries topic of queries
 * @param outputs topic of answers
 * @param deadLetters topic of dead letters
 * @param anchors topic of anchor sets
 */
public record SinkTopics(String queries, String outputs, String deadLetters, String anchors)
    implements Serializable {

  /** Returns the topics that the sink writes. */
  public List<String> written() {
    return List.of(outputs, deadLetters, anchors);
  }
}
