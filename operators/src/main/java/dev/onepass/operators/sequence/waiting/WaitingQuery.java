package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.event.Event;

/**
 * A query that waits for its sequence to grow.
 *
 * @param query the query
 * @param deadline processing time in epoch milliseconds at which it is answered with what there is
 */
public record WaitingQuery(Event.Query query, long deadline) {}
