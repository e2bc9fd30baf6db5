/**
 * The command {@code claims}: checks the claims about the one-pass algorithm against measurements.
 * Each claim is a class; {@link dev.onepass.bench.claims.Claims} lists them.
 */
package dev.onepass.bench.claims;
