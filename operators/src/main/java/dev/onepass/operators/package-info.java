/**
 * The keyed operators around a sketch; no Kafka here.
 *
 * <p>{@link dev.onepass.operators.SequenceFunction} is the heart: one event stream of tokens and
 * queries, keyed by (head, sequence, shard), with a broadcast input for anchor sets, which {@link
 * dev.onepass.operators.learner} makes where there are none. What flows lies in {@link
 * dev.onepass.operators.event}, the managed state behind one class for each operator in {@link
 * dev.onepass.operators.state}.
 */
package dev.onepass.operators;
