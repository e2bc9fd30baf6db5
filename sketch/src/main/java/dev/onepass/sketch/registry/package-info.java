/** The registry of sketch families. It reads a sketch of any family. */
@Internal
package dev.onepass.sketch.registry;

import dev.onepass.sketch.annotations.Internal;
