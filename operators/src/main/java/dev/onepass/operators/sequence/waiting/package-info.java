/** Events that wait: queries for their {@code as_of}, and events for work in the background. */
package dev.onepass.operators.sequence.waiting;
