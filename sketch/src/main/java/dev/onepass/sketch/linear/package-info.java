/**
 * Families whose state is sums over features: for each row r, {@code den_r = sum_j psi_r(k_j)} and
 * {@code num_r = sum_j psi_r(k_j) v_j}.
 *
 * <p>{@link dev.onepass.sketch.linear.LinearState} is that state: one fold, one merge, one byte
 * format. The features psi and the read-out are what a family adds. {@link
 * dev.onepass.sketch.linear.PolynomialSketch} takes psi = phi, the polynomial features of exp of
 * Alman and Song (arXiv 2302.13214), in what is called the moments form here.
 */
package dev.onepass.sketch.linear;
