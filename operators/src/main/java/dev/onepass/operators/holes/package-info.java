/**
 * Tracks holes in the tokens topic, and the sequences whose answers may lack tokens because of
 * them.
 */
@Internal
package dev.onepass.operators.holes;

import dev.onepass.sketch.annotations.Internal;
