/**
 * The command {@code kernels}: the speed of the compute kernels, compared with EJML, with {@link
 * java.lang.Math#exp} and with the limit of the core, and the resulting speed of a fold.
 */
package dev.onepass.bench.kernels;
