/** Errors against the oracle, and the small arithmetic around them. */
package dev.onepass.bench.measure;
