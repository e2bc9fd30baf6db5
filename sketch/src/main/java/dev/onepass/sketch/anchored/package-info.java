/**
 * The default families: exact attention at the anchors of the head's {@link
 * dev.onepass.sketch.anchors.AnchorSet}, interpolated by kriging, combined with clusters of the
 * sequence ({@link dev.onepass.sketch.cluster}) if these improve the answers. Without an anchor
 * set, clusters alone.
 *
 * <p>{@link dev.onepass.sketch.anchored.HybridSketch} derives the answers. {@code HybridParts} is
 * what it keeps, {@code AnchorRows} the state at the anchors, {@code Residuals} what is
 * interpolated, {@code Division} the division of the bytes, {@code HybridFormat} their format.
 */
@Internal
package dev.onepass.sketch.anchored;

import dev.onepass.sketch.annotations.Internal;
