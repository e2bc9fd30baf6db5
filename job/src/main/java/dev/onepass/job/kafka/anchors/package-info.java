/** Reading of the anchors topic to its end, and publishing of sets. */
@Internal
package dev.onepass.job.kafka.anchors;

import dev.onepass.sketch.annotations.Internal;
