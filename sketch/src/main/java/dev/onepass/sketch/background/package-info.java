/** Long work that several sequences share, and how it is interrupted. */
@Internal
package dev.onepass.sketch.background;

import dev.onepass.sketch.annotations.Internal;
