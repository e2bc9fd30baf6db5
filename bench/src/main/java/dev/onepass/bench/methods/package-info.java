/**
 * Methods that answer attention over a stream in bounded state. {@link
 * dev.onepass.bench.methods.Deployed} runs the sketches of Onepass as the job does; {@link
 * dev.onepass.bench.peers} has other methods to compare with.
 */
package dev.onepass.bench.methods;
