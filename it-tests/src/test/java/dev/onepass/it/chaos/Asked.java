// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.time.Instant;

/**
 * A query that was sent.
 *
 * @param query the query's only vector
 * @param at time at which it was sent
 */
record Asked(String queryId, String sequence, float[] query, Instant at) {}
