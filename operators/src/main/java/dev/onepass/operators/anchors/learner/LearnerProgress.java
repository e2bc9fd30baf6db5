// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.sketch.sequence.HeadSpec;

/**
 * The progress of the learner with a head.
 *
 * @param stage present stage
 * @param dims {@link #dims} of the head when the learner began
 * @param version highest known version of the head's sets, 0 for none
 * @param queries query vectors seen
 * @param keys keys seen
 * @param minimumEnoughAt when the minimum sample becomes enough, in epoch milliseconds
 * @param notBefore earliest time of the next attempt, in epoch milliseconds; set by a failure and
 *     by a publication
 */
public record LearnerProgress(
    Stage stage,
    int dims,
    int version,
    long queries,
    long keys,
    long minimumEnoughAt,
    long notBefore) {

  /** A stage of the learner. Savepoints hold the code, so codes must not change. */
  public enum Stage {
    /** The learner takes samples. */
    COLLECTS(0),
    /** A set is being made from the samples. */
    MAKES(1),
    /** The head has a set; the learner does nothing more. */
    DONE(2),
    /**
     * The learner waits for the set that it published, and keeps the samples in case it is lost.
     */
    PUBLISHED(3);

    private final int code;

    Stage(int code) {
      this.code = code;
    }

    /** Returns the stage with a code; null if the code is unknown. */
    static Stage of(int code) {
      for (Stage stage : values()) {
        if (stage.code == code) {
          return stage;
        }
      }
      return null;
    }

    /** Returns the code that stands for the stage in bytes. */
    int code() {
      return code;
    }
  }

  /**
   * Returns one number for the lengths of the keys of a head.
   *
   * @param keyDim length of whole keys
   * @param columns length of projected keys; 0 if they are not projected
   */
  public static int dims(int keyDim, int columns) {
    return keyDim | columns << 16;
  }

  static int dims(HeadSpec head) {
    return dims(head.keyDim(), head.wide().columns());
  }

  /** Returns the progress before the first sample. */
  public static LearnerProgress begin(int dims, int version, long minimumEnoughAt) {
    return new LearnerProgress(Stage.COLLECTS, dims, version, 0, 0, minimumEnoughAt, 0);
  }

  /** Returns the progress of a head that has a set of this version. */
  public static LearnerProgress done(int dims, int version) {
    return new LearnerProgress(Stage.DONE, dims, version, 0, 0, 0, 0);
  }

  /** Returns the progress with one more sample seen. */
  public LearnerProgress seen(boolean query) {
    return new LearnerProgress(
        stage,
        dims,
        version,
        queries + (query ? 1 : 0),
        keys + (query ? 0 : 1),
        minimumEnoughAt,
        notBefore);
  }

  /** Returns the progress while a set is being made. */
  public LearnerProgress making() {
    return new LearnerProgress(
        Stage.MAKES, dims, version, queries, keys, minimumEnoughAt, notBefore);
  }

  /**
   * Returns the progress while the learner waits for a set that it published.
   *
   * @param version version of the set
   * @param awaitedUntil when the set counts as lost, in epoch milliseconds
   */
  public LearnerProgress published(int version, long awaitedUntil) {
    return new LearnerProgress(
        Stage.PUBLISHED, dims, version, queries, keys, minimumEnoughAt, awaitedUntil);
  }

  /**
   * Returns the progress after a failure, with which the learner takes more samples.
   *
   * @param time when to try again, in epoch milliseconds
   */
  public LearnerProgress retryAt(long time) {
    return new LearnerProgress(Stage.COLLECTS, dims, version, queries, keys, time, time);
  }
}
