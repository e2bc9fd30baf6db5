/**
 * Holds the records that flow through the job, and their serializers: events on the way in, replies
 * and dead letters on the way out.
 *
 * <p>They are immutable, so chained operators share them without copies.
 */
@Internal
package dev.onepass.operators.event;

import dev.onepass.sketch.annotations.Internal;
