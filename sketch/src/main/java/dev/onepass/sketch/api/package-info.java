/**
 * What a sequence remembers and how it answers, in plain Java.
 *
 * <p>{@link dev.onepass.sketch.api.AttentionSketch} is the contract: a block of tokens is folded
 * in, many query vectors are answered at once, two sketches merge, and the whole state goes to
 * bytes and back. Each family of sketches has a package of its own and one line in {@link
 * dev.onepass.sketch.registry.SketchFamilies}. {@link dev.onepass.sketch.sequence} puts a family
 * behind an exact beginning and a block of newest tokens, which is what a deployed sequence is.
 *
 * <p>{@link dev.onepass.sketch.api.QuerySketch} is the other contract, of families that can also
 * recover the large entries of all outputs of a sequence: {@link
 * dev.onepass.sketch.api.SketchFamily#querySide} says whether one does, and how.
 */
package dev.onepass.sketch.api;
