/**
 * The command {@code decay}: errors of sketches whose tokens lose weight with age, next to those of
 * shorter sequences without decay.
 */
package dev.onepass.bench.decay;
