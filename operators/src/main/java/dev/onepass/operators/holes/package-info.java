/** Ranges of lost offsets, and the sequences whose answers may lack tokens by them. */
package dev.onepass.operators.holes;
