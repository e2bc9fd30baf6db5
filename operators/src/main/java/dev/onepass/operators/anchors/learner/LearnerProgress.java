package dev.onepass.operators.anchors.learner;

/**
 * How far the learner is with a head.
 *
 * @param stage what it does
 * @param keyDim length of the head's keys when it began
 * @param version highest version of the head's sets that it heard of; 0 if there is none
 * @param queries queries seen
 * @param keys keys seen
 * @param fewWillDoAt when few samples are enough, in epoch milliseconds
 * @param notBefore no set is made before, in epoch milliseconds; set when making one failed, and
 *     when one was published
 */
public record LearnerProgress(
    Stage stage,
    int keyDim,
    int version,
    long queries,
    long keys,
    long fewWillDoAt,
    long notBefore) {

  /** What the learner does for a head. The order stands in savepoints. */
  public enum Stage {
    /** Takes samples. */
    COLLECTS,
    /** Has a set made of them. */
    MAKES,
    /** Nothing more: the head has a set. */
    DONE,
    /** Awaits the set that it published; keeps the samples, for it may be lost. */
    PUBLISHED
  }

  /** The beginning, with the first sample. */
  public static LearnerProgress begin(int keyDim, int version, long fewWillDoAt) {
    return new LearnerProgress(Stage.COLLECTS, keyDim, version, 0, 0, fewWillDoAt, 0);
  }

  /** The end: the head has a set of this version. */
  public static LearnerProgress done(int keyDim, int version) {
    return new LearnerProgress(Stage.DONE, keyDim, version, 0, 0, 0, 0);
  }

  /** With one sample more. */
  public LearnerProgress seen(boolean query) {
    return new LearnerProgress(
        stage,
        keyDim,
        version,
        queries + (query ? 1 : 0),
        keys + (query ? 0 : 1),
        fewWillDoAt,
        notBefore);
  }

  /** Having a set made. */
  public LearnerProgress making() {
    return new LearnerProgress(Stage.MAKES, keyDim, version, queries, keys, fewWillDoAt, notBefore);
  }

  /** Awaiting a set of this version, and having it made again at a time if it has not come. */
  public LearnerProgress published(int version, long awaitedUntil) {
    return new LearnerProgress(
        Stage.PUBLISHED, keyDim, version, queries, keys, fewWillDoAt, awaitedUntil);
  }

  /** Collecting on, because no set could be made of what there is. */
  public LearnerProgress retryAt(long time) {
    return new LearnerProgress(Stage.COLLECTS, keyDim, version, queries, keys, time, time);
  }
}
