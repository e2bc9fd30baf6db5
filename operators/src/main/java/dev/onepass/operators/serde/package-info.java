/** Provides the base of all serializers: versions, and strings and arrays as bytes. */
@Internal
package dev.onepass.operators.serde;

import dev.onepass.sketch.annotations.Internal;
