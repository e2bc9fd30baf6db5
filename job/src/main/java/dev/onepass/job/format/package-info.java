/** The record formats. */
@Internal
package dev.onepass.job.format;

import dev.onepass.sketch.annotations.Internal;
