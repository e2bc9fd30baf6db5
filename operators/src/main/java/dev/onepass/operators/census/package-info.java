/** Counts of the sequences of a subtask, kept in operator state. */
package dev.onepass.operators.census;
