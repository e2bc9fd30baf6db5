package dev.onepass.bench.methods;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.blocks.QueryBlock;

/** A way to answer attention over a stream in bounded state. */
public interface Method {

  /** For tables and options. */
  String name();

  /** Whether what it keeps refers to anchors, which all sequences of a head share. */
  default boolean usesAnchors() {
    return false;
  }

  /** The same over these anchors. */
  default Method with(AnchorSet anchors) {
    return this;
  }

  /** Bytes that all sequences of a head share, held once. */
  default long sharedBytes() {
    return 0;
  }

  /**
   * The state of a stream that has seen nothing.
   *
   * @param head gives dimensions and scale; its rows are not looked at
   * @param bytes bound on the state
   * @param seed seed of the method's random choices
   * @throws IllegalArgumentException with a sentence, if the bytes do not hold such a state
   */
  State begin(Head head, int bytes, long seed);

  /** What a method remembers of one stream. */
  interface State {

    /**
     * Takes the next token.
     *
     * @throws IllegalArgumentException with a sentence, if the state is full
     */
    void accept(float[] key, float[] value);

    /** Answers over every token so far. */
    Answered answer(QueryBlock queries);

    /** Length of the state when it is serialized. */
    long stateBytes();
  }

  /**
   * Answers, one row a query.
   *
   * @param outputs queries x valueDim
   * @param errors stated bounds on the relative error of each answer that hold for 90 % of them;
   *     NaN where none is stated
   * @param logNormalizers ln sum_j exp(s q.k_j); null for a method that tells none
   * @param logNormalizerErrors stated bounds on how far these are off, as errors; null likewise
   */
  record Answered(
      float[][] outputs, float[] errors, double[] logNormalizers, float[] logNormalizerErrors) {

    /** Answers without log-normalizers. */
    public Answered(float[][] outputs, float[] errors) {
      this(outputs, errors, null, null);
    }
  }
}
