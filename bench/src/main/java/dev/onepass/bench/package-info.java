/**
 * Measurements of the sketches, from the command line: {@link dev.onepass.bench.Bench} with one
 * subcommand for each kind. {@link dev.onepass.bench.accuracy} measures errors at equal bytes, with
 * {@link dev.onepass.bench.peers} to compare with; {@link dev.onepass.bench.claims} holds what is
 * claimed of the one-pass algorithm against measurements; {@link dev.onepass.bench.data} brings
 * streams, planted, of a recommender and real, {@link dev.onepass.bench.measure} the arithmetic of
 * errors, {@link dev.onepass.bench.report} tables and plots.
 */
package dev.onepass.bench;
