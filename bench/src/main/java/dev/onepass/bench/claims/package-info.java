/**
 * What is claimed of the one-pass algorithm, one class for each claim; {@link
 * dev.onepass.bench.claims.Claims} lists them.
 */
package dev.onepass.bench.claims;
