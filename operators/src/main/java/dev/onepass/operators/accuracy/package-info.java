/**
 * True errors of answers: a sample of the sequences have a shadow that keeps all their tokens up to
 * a bound. Their answers are compared with exact attention over these tokens.
 */
@Internal
package dev.onepass.operators.accuracy;

import dev.onepass.sketch.annotations.Internal;
