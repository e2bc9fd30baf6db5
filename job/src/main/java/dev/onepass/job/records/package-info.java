/** Decoding of records to events, encoding of replies and dead letters, and size limits. */
@Internal
package dev.onepass.job.records;

import dev.onepass.sketch.annotations.Internal;
