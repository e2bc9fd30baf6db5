/** Builds the graph of operators from decoded events to replies. */
@Internal
package dev.onepass.operators.topology;

import dev.onepass.sketch.annotations.Internal;
