package dev.onepass.operators.event;

/**
 * One vector of a head that its anchor set may be made from.
 *
 * @param head the head
 * @param query whether it is a query, with the scale of the logits multiplied in, or else a key
 * @param vector d numbers, finite
 */
public record Sample(String head, boolean query, float[] vector) {}
