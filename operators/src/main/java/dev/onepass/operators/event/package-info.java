/**
 * What flows through the job: events in, replies and dead letters out, each with its own
 * serializer.
 *
 * <p>All of them are immutable, so copies between chained operators are the same objects.
 */
package dev.onepass.operators.event;
