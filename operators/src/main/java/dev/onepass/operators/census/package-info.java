/** Counts the sequences of a subtask by head, and keeps the counts in operator state. */
@Internal
package dev.onepass.operators.census;

import dev.onepass.sketch.annotations.Internal;
