/**
 * How an anchor set is made from past queries and keys of a head.
 *
 * <p>{@link dev.onepass.sketch.anchors.fit.AnchorSetMaker} is the entry point. It needs the cluster
 * family for a comparison, so this package lies above the families.
 *
 * <p>Sources: Lloyd, IEEE Transactions on Information Theory 28, 1982 (centres); Cohn, Neural
 * Networks 9, 1996 (order of the anchors); Rahimi and Recht, NIPS 2007 (waves that stand in for
 * values); Xiao et al., arXiv 2309.17453 (attention sinks).
 */
@Internal
package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.annotations.Internal;
