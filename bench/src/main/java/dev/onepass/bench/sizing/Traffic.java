package dev.onepass.bench.sizing;

/**
 * What happens to the state of all sequences between two checkpoints.
 *
 * @param touched sequences that take a token
 * @param hitRate share of the tokens whose sequence is on the heap
 * @param writes of a sequence's state to the backend, by the checkpoint or to make room
 * @param put bytes of these writes
 */
public record Traffic(double touched, double hitRate, double writes, double put) {}
