/**
 * The byte format of sketches: the preamble that all families share, and readers and writers of
 * little-endian numbers that check bounds.
 */
@Internal
package dev.onepass.sketch.wire;

import dev.onepass.sketch.annotations.Internal;
