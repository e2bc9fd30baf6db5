/**
 * Makes anchor sets for heads that have none, from the events of the job. {@link
 * dev.onepass.operators.anchors.learner.SampleFunction} samples the vectors of each head. {@link
 * dev.onepass.operators.anchors.learner.AnchorLearner} collects the samples, makes the set on
 * another thread, and publishes it.
 */
@Internal
package dev.onepass.operators.anchors.learner;

import dev.onepass.sketch.annotations.Internal;
