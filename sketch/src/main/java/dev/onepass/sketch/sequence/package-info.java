/**
 * A sequence as it is deployed: exact until it outgrows its bytes, then a sketch and a block of
 * newest tokens.
 *
 * <p>{@link dev.onepass.sketch.sequence.Sequence} holds the rules (duplicates, cutting, going over,
 * answering), {@link dev.onepass.sketch.sequence.SequenceStore} is where its three states lie, and
 * {@link dev.onepass.sketch.sequence.StateLayout} divides the bytes between them.
 */
package dev.onepass.sketch.sequence;
