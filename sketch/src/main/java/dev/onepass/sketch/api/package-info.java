/**
 * The contracts that sketches implement and that sequences use.
 *
 * <p>{@link dev.onepass.sketch.api.AttentionSketch} summarizes tokens: it folds blocks of tokens,
 * answers many queries at once, merges, and converts its whole state to bytes and back. Each family
 * of sketches has its own package and one line in {@link
 * dev.onepass.sketch.registry.SketchFamilies}. {@link dev.onepass.sketch.sequence} combines a
 * family with an exact mode and a pending block.
 *
 * <p>{@link dev.onepass.sketch.api.QuerySketch} summarizes queries, for families that can recover
 * the large entries of all outputs of a sequence. {@link
 * dev.onepass.sketch.api.SketchFamily#querySide} says whether a family can, and how.
 */
@PublicEvolving
package dev.onepass.sketch.api;

import dev.onepass.sketch.annotations.PublicEvolving;
