/** Events that wait: queries for tokens, and events for work in the background. */
package dev.onepass.operators.sequence.waiting;
