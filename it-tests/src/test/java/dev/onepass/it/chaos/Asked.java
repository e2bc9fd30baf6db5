package dev.onepass.it.chaos;

import java.time.Instant;

/**
 * A query that was sent.
 *
 * @param at when it was sent
 */
record Asked(String queryId, String sequence, float[] query, Instant at) {}
