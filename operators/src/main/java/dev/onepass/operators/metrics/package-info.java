/**
 * Registers the metrics of the operators, in the group {@code onepass} of each operator. The labels
 * are Flink's and {@code head}: heads are declared, so there are few. No metric has a label for
 * each sequence.
 */
@Internal
package dev.onepass.operators.metrics;

import dev.onepass.sketch.annotations.Internal;
