/**
 * Anchor sets: what all sequences of a head share.
 *
 * <p>{@link dev.onepass.sketch.anchors.AnchorSet} holds past query vectors of the head and the data
 * to interpolate between them; {@link dev.onepass.sketch.anchors.kriging} explains the method and
 * its sources. {@link dev.onepass.sketch.anchors.fit.AnchorSetMaker} makes sets, {@link
 * dev.onepass.sketch.anchors.AnchorFile} writes them to a file, and {@link
 * dev.onepass.sketch.anchors.AnchorSets} gives the versions that a head has. {@link
 * dev.onepass.sketch.anchors.FactorCache} bounds the memory of what is derived from sets.
 */
@Internal
package dev.onepass.sketch.anchors;

import dev.onepass.sketch.annotations.Internal;
