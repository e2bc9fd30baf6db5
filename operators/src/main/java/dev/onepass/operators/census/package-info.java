/** Counts the sequences of a subtask by head, and keeps the counts in operator state. */
package dev.onepass.operators.census;
