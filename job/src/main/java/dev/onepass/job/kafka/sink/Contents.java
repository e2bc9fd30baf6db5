// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

/**
 * The contents of a transaction.
 *
 * @param answers number of records of the outputs topic
 * @param letters number of records of the dead-letters topic
 * @param queries the queries that these records answer or refuse
 * @param place place of one of its records, which tells later whether the transaction was
 *     committed; null if not known
 */
record Contents(long answers, long letters, Interval queries, Place place) {

  /** Contents of a transaction that were not recorded. */
  static final Contents UNKNOWN = new Contents(0, 0, new Interval(), null);
}
