// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.operators.event.RawRecord;

/** Records what is written between two checkpoints. Not thread-safe. */
final class ContentsBuilder {

  private final SinkTopics topics;

  private long answers;
  private long letters;
  private Interval queries = new Interval();

  ContentsBuilder(SinkTopics topics) {
    this.topics = topics;
  }

  /** Adds a record. */
  void add(RawRecord record) {
    if (record.topic().equals(topics.outputs())) {
      answers++;
      // In-flight records of old savepoints do not carry the place of their query.
      if (record.offset() >= 0) {
        queries.add(record.partition(), record.offset());
      }
    } else if (record.topic().equals(topics.deadLetters())) {
      letters++;
      DeadLetterPlace.of(record)
          .filter(place -> place.topic().equals(topics.queries()))
          .ifPresent(place -> queries.add(place.partition(), place.offset()));
    }
  }

  /**
   * Returns the contents so far, and starts over.
   *
   * @param place place of one of the records, or null
   */
  Contents take(Place place) {
    Contents contents = new Contents(answers, letters, queries, place);
    answers = 0;
    letters = 0;
    queries = new Interval();
    return contents;
  }
}
