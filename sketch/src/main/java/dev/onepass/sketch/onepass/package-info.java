/**
 * The one-pass algorithm of Addanki, Li, Song and Yang, "One Pass Streaming Algorithm for Super
 * Long Token Attention Approximation in Sublinear Space" (arXiv 2311.14652), as far as its abstract
 * and the papers it builds on describe it. The constants are derived here, not quoted.
 *
 * <p>It sketches the output matrix Y = D^-1 A V (n x dv, one row per query). Its parts are
 * implemented as follows:
 *
 * <ul>
 *   <li>phi, the features of exp (t of them), U2 (rows phi(k_j)) and U1 (rows phi(q_j)): {@link
 *       dev.onepass.sketch.polynomial.MonomialBasis}, {@link
 *       dev.onepass.sketch.polynomial.KeyFeatures} and {@link
 *       dev.onepass.sketch.polynomial.FeatureReadout};
 *   <li>D, diagonal, D_jj = {@code <phi(q_j), s>}, and s = U2' 1: {@link
 *       dev.onepass.sketch.polynomial.FeatureReadout}, {@link
 *       dev.onepass.sketch.polynomial.FeatureSums};
 *   <li>Psi (m2 x n), sk(K) = Psi U2, sk(V) = Psi V: {@code PsiSums};
 *   <li>Phi (m1 x n): {@code Phi}; sk(Q) = Phi D^-1 U1: {@link
 *       dev.onepass.sketch.onepass.OnepassQueries};
 *   <li>Z = sk(Q) sk(K)' sk(V) and T, sparse columns: {@code SparseRecovery};
 *   <li>eps1, eps2, k, delta and the sizes they lead to: {@code Guarantee}, {@code Sizes}.
 * </ul>
 *
 * <p>There are three forms. {@code paper} is the above. {@code moments} keeps U2' V (t x dv)
 * itself, which is exact, and smaller whenever m2 >= dv. {@code outputs} also sketches Y instead of
 * D^-1 U1, which takes t / dv times less memory and allows tokens after queries.
 */
@Internal
package dev.onepass.sketch.onepass;

import dev.onepass.sketch.annotations.Internal;
