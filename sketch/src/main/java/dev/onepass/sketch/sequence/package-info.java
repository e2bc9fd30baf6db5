/**
 * Sequences as they are deployed: exact until they exceed their bytes, then a sketch and a block of
 * the newest tokens.
 *
 * <p>{@link dev.onepass.sketch.sequence.Sequence} is the entry point: it accepts tokens and answers
 * queries. {@link dev.onepass.sketch.sequence.SequenceStore} stores its state, and {@link
 * dev.onepass.sketch.sequence.StateLayout} divides the bytes. Without a stream processor:
 *
 * <pre>{@code
 * HeadSpec head = new HeadSpec("head", 32, 32, 1 / Math.sqrt(32), 65_536, 0, family, 1, Map.of());
 * HeapStore store = new HeapStore();
 * try (Sequence sequence = Sequence.open(head, store)) {
 *   for (int position = 0; position < keys.length; position++) {
 *     sequence.accept(position, keys[position], values[position]);
 *   }
 *   Answers answers = sequence.answer(queries);
 * }
 * }</pre>
 */
@Internal
package dev.onepass.sketch.sequence;

import dev.onepass.sketch.annotations.Internal;
