/** Readers and writers of records as JSON. */
@Internal
package dev.onepass.job.format.json;

import dev.onepass.sketch.annotations.Internal;
