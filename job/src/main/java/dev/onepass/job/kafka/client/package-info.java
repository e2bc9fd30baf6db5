/** Kafka clients and conversions that the other packages share. */
@Internal
package dev.onepass.job.kafka.client;

import dev.onepass.sketch.annotations.Internal;
