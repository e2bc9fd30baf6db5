/**
 * Makes anchor sets for heads that have none, from what flows through the job: {@link
 * dev.onepass.operators.anchors.learner.SampleFunction} lets a bounded number of vectors of a head
 * pass, {@link dev.onepass.operators.anchors.learner.AnchorLearner} collects them, has the set made
 * off the task thread, and publishes it.
 */
package dev.onepass.operators.anchors.learner;
