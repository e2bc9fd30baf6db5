package dev.onepass.operators.event;

/**
 * One vector of a head that its anchor set may be made from.
 *
 * @param head the head
 * @param query whether it is a query, with the scale of the logits multiplied in, or else a key
 * @param vector d numbers, finite
 * @param sequence 64 bits that tell its sequence from others; 0 if nobody knows it
 */
public record Sample(String head, boolean query, float[] vector, long sequence) {

  /** A vector of a sequence that nobody knows. */
  public Sample(String head, boolean query, float[] vector) {
    this(head, query, vector, 0);
  }
}
