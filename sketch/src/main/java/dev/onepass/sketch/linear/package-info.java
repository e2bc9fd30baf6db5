/**
 * Families whose state is sums over features: for each row r, {@code den_r = sum_j psi_r(k_j)} and
 * {@code num_r = sum_j psi_r(k_j) v_j}, which {@link dev.onepass.sketch.feature.LinearState} keeps.
 *
 * <p>{@link dev.onepass.sketch.linear.PolynomialSketch} takes psi = phi, the polynomial features of
 * exp of Alman and Song (arXiv 2302.13214), in what is called the moments form here.
 */
package dev.onepass.sketch.linear;
