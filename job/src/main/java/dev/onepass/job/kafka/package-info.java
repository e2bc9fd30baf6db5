/**
 * The sources, the sink and the other Kafka clients of the job. They read and write raw records.
 */
@Internal
package dev.onepass.job.kafka;

import dev.onepass.sketch.annotations.Internal;
