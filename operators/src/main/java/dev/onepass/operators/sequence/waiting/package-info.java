/** Events that wait: queries for tokens, and events for work in the background. */
@Internal
package dev.onepass.operators.sequence.waiting;

import dev.onepass.sketch.annotations.Internal;
