/** Interpolation between anchors by kriging: places, covariances, factors and stated errors. */
package dev.onepass.sketch.anchors.kriging;
