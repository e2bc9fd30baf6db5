/**
 * The keyed operator that folds tokens and answers queries.
 *
 * <p>{@link dev.onepass.operators.sequence.SequencesOperator} gives each event and timer a {@code
 * Turn} of its sequence, and {@code SequenceEvents} decides what the event does. {@code Replies}
 * answers queries; {@code WaitingQueries} makes queries wait for tokens, and {@code WaitingTurns}
 * makes events wait for work in the background; {@code Expiry} drops silent sequences; {@code
 * AnchorIntake} brings in anchor sets.
 */
@Internal
package dev.onepass.operators.sequence;

import dev.onepass.sketch.annotations.Internal;
