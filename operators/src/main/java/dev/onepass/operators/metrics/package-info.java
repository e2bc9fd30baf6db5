/**
 * What the operators tell of themselves, in Flink's metric group {@code onepass} of each operator.
 * The only label beside Flink's own is {@code head}: heads are declared, so there are few of them,
 * and never a label per sequence.
 */
package dev.onepass.operators.metrics;
