package dev.onepass.job.kafka.sink;

/**
 * What a transaction holds.
 *
 * @param answers records of the outputs topic
 * @param letters records of the dead-letters topic
 * @param queries what was asked for by queries that these settle
 * @param place where one of its records lies, by which it can be told later whether the transaction
 *     was committed; null if that is not known
 */
record Contents(long answers, long letters, Interval queries, Place place) {

  /** What is known of a transaction whose contents were not noted. */
  static final Contents UNKNOWN = new Contents(0, 0, new Interval(), null);
}
