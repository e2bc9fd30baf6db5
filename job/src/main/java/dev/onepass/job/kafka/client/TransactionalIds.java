// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.client;

import java.util.regex.Pattern;

/**
 * The transactional ids of a job. All begin with {@code kafka.transactional-id-prefix}, so that one
 * access rule allows them.
 *
 * <p>The connector appends {@code -SUBTASK-NUMBER} to its prefix. When it starts, it ends every
 * open transaction of its topics whose id begins with that prefix. With the prefix {@code onepass}
 * it would also end transactions of a job {@code onepass-2} that shares the dead-letters topic. So
 * its prefix ends in {@link #SINK}, which does not follow in the prefix of another job.
 */
public final class TransactionalIds {

  private static final String SINK = "-sink:";

  private TransactionalIds() {}

  /** Returns the prefix for the connector's sink. */
  public static String ofSink(String prefix) {
    return prefix + SINK;
  }

  /**
   * Returns whether the whole id, and not only its beginning, is one of the sink's. Accepts ids of
   * old savepoints, which lack {@link #SINK}.
   */
  public static boolean isOfSink(String prefix, String id) {
    return Pattern.matches(Pattern.quote(prefix) + "(" + SINK + ")?-\\d+-\\d+", id);
  }

  /**
   * Returns the id for trials of records. A sink that starts from a savepoint whose ids lack {@link
   * #SINK} parses a subtask in front of the last dash of all open transactions with the job's
   * prefix, and fails if there is none.
   *
   * @param tester name of the trial, which ends in a dash and a number
   */
  public static String ofTrial(String prefix, String tester) {
    return prefix + "-limit-" + tester + "-0";
  }
}
