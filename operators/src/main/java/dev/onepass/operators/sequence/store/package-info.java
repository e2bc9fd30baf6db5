/** The state of sequences: the store in the backend, its cache on the heap, and their formats. */
@Internal
package dev.onepass.operators.sequence.store;

import dev.onepass.sketch.annotations.Internal;
