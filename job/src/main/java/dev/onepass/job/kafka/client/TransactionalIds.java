package dev.onepass.job.kafka.client;

import java.util.regex.Pattern;

/**
 * The ids of a job's transactions. All begin with {@code kafka.transactional-id-prefix}, so that
 * one access rule allows them.
 *
 * <p>The connector adds {@code -SUBTASK-NUMBER} to the prefix that it is given. When it starts it
 * ends every open transaction of its topics whose id merely begins with that prefix. Given {@code
 * onepass} alone it would end those of a job {@code onepass-2} that shares the dead-letters topic.
 * So what it is given ends in {@link #SINK}, which no other job's prefix goes on with.
 */
public final class TransactionalIds {

  private static final String SINK = "-sink:";

  private TransactionalIds() {}

  /** Returns the prefix that the connector's sink is given. */
  public static String ofSink(String prefix) {
    return prefix + SINK;
  }

  /**
   * Returns whether an id is one of the sink's: all of it, not its begin alone. Those of savepoints
   * from before the ids had {@link #SINK} are.
   */
  public static boolean isOfSink(String prefix, String id) {
    return Pattern.matches(Pattern.quote(prefix) + "(" + SINK + ")?-\\d+-\\d+", id);
  }

  /**
   * Returns the id that a tester tries records with. A sink that goes on from a savepoint whose ids
   * lack {@link #SINK} reads a subtask before the last dash of the ids of all open transactions
   * that begin with the job's prefix, and fails where there is none.
   *
   * @param tester ends in a dash and a number
   */
  public static String ofTrial(String prefix, String tester) {
    return prefix + "-limit-" + tester + "-0";
  }
}
