/** Sources that detect records that Kafka deleted before the job read them. */
@Internal
package dev.onepass.job.kafka.source;

import dev.onepass.sketch.annotations.Internal;
