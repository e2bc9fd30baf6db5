/**
 * Accuracy for each byte: {@link dev.onepass.bench.accuracy.Method Methods} that answer attention
 * in bounded state, fed with whole streams and compared with exact answers. {@link
 * dev.onepass.bench.accuracy.Deployed} runs the sketches of Onepass as the job does; {@link
 * dev.onepass.bench.peers} brings what they are compared with.
 */
package dev.onepass.bench.accuracy;
