/**
 * Orders events by event time, if the options ask for it: events wait until the watermark has
 * passed them, and continue in the order of their timestamps.
 */
@Internal
package dev.onepass.operators.ordering;

import dev.onepass.sketch.annotations.Internal;
