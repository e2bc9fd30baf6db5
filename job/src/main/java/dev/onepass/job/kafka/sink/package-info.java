/** The sink of answers, dead letters and anchor sets, and its transactions. */
@Internal
package dev.onepass.job.kafka.sink;

import dev.onepass.sketch.annotations.Internal;
