/**
 * Tracks holes in the tokens topic, and the sequences whose answers may lack tokens because of
 * them.
 */
package dev.onepass.operators.holes;
