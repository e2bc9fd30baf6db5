// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

/**
 * A sampled vector, from which the anchor set of a head may be made.
 *
 * @param head name of the head
 * @param query whether the vector is a query vector, multiplied by the scale; otherwise it is a key
 * @param vector the vector, of the length of the head's keys; finite
 * @param sequence hash of the sequence, 0 if it is unknown
 */
public record Sample(String head, boolean query, float[] vector, long sequence) {}
