/**
 * Needles: single tokens that few queries ask for, planted among the rows of a head. The command
 * {@code needles} measures which methods find them.
 */
package dev.onepass.bench.needles;
