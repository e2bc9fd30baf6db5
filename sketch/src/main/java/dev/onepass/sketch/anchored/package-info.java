/**
 * What users get by default: exact attention at the anchors of the head's {@link
 * dev.onepass.sketch.anchors.AnchorSet}, spread by kriging, where it is worth it beside clusters of
 * the sequence's own ({@link dev.onepass.sketch.cluster}). Without an anchor set, clusters alone.
 *
 * <p>{@link dev.onepass.sketch.anchored.HybridSketch} derives the answer, {@code AnchorRows} is the
 * state at the anchors, {@code Division} says who gets which bytes.
 */
package dev.onepass.sketch.anchored;
