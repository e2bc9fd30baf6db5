/** The sizes of records that brokers accept, by topic. */
@Internal
package dev.onepass.job.kafka.limits;

import dev.onepass.sketch.annotations.Internal;
