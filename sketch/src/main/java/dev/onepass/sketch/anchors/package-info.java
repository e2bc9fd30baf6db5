/**
 * Anchor sets: what all sequences of a head share. {@link dev.onepass.sketch.anchors.AnchorSet}
 * holds past queries of the head, {@link dev.onepass.sketch.anchors.fit.AnchorSetMaker} makes one,
 * {@link dev.onepass.sketch.anchors.AnchorFile} writes some to a file, {@link
 * dev.onepass.sketch.anchors.AnchorSets} says which versions a head has.
 */
package dev.onepass.sketch.anchors;
