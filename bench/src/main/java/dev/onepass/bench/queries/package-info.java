/**
 * The command {@code queries}: the time to answer from a sketch, compared with exact attention over
 * a stored history.
 */
package dev.onepass.bench.queries;
