/**
 * The command {@code claims}, which compares the claims about the one-pass algorithm with
 * measurements. Each claim is a class; {@link dev.onepass.bench.claims.Claims} lists them.
 */
package dev.onepass.bench.claims;
