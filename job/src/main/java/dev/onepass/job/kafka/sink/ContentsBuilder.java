package dev.onepass.job.kafka.sink;

import dev.onepass.operators.event.RawRecord;

/** Notes what is written from one checkpoint to the next. Not thread-safe. */
final class ContentsBuilder {

  private final SinkTopics topics;

  private long answers;
  private long letters;
  private Interval queries = new Interval();

  ContentsBuilder(SinkTopics topics) {
    this.topics = topics;
  }

  /** Notes a record. */
  void add(RawRecord record) {
    if (record.topic().equals(topics.outputs())) {
      answers++;
      // Records that were on their way in an old savepoint do not carry their query's place.
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
   * Returns what was noted, and begins anew.
   *
   * @param place where one of the records lies, or null
   */
  Contents take(Place place) {
    Contents contents = new Contents(answers, letters, queries, place);
    answers = 0;
    letters = 0;
    queries = new Interval();
    return contents;
  }
}
