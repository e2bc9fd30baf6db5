/**
 * Interpolation between anchors by kriging: from the exact sums that a sequence keeps at its
 * anchors to an answer at any query, with a stated error.
 *
 * <p>{@link dev.onepass.sketch.anchors.kriging.QuerySpace} maps query vectors to the coordinates in
 * which distances are measured, {@link dev.onepass.sketch.anchors.kriging.EmbeddedQueries} holds
 * mapped queries, {@link dev.onepass.sketch.anchors.kriging.Kernel} is the covariance function,
 * {@link dev.onepass.sketch.anchors.kriging.Kriging} the factor of the anchors' covariance, and
 * {@link dev.onepass.sketch.anchors.kriging.KernelTrial} chooses a kernel for a sequence. {@link
 * dev.onepass.sketch.anchors.kriging.StatedError} bounds the error, by what {@code NearestAnchors}
 * finds around a query.
 *
 * <p>Sources: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006 (Matern
 * kernels, section 4.2.1; prediction, algorithm 2.1; leave-one-out errors, section 5.4.2);
 * Quinonero-Candela and Rasmussen, JMLR 6, 2005 (subset of data); Jamieson and Talwalkar, AISTATS
 * 2016 (successive halving); Stein, Annals of Statistics 30, 2002 (nearest anchors); Lei et al.,
 * JASA 113, 2018 (the rank of the bound).
 */
@Internal
package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.annotations.Internal;
