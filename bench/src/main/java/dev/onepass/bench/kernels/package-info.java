/**
 * How fast the kernels are: beside EJML, {@link java.lang.Math#exp} and what the core can do at
 * all, and what that makes of a fold.
 */
package dev.onepass.bench.kernels;
