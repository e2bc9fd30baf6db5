// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

/**
 * Accesses to the state of all sequences between two checkpoints.
 *
 * @param touched number of sequences that get tokens
 * @param hitRate share of the tokens whose sequence is on the heap
 * @param writes number of writes of a sequence to the backend, for a checkpoint or to free memory
 * @param put bytes of the writes
 */
public record Traffic(double touched, double hitRate, double writes, double put) {}
