/**
 * Other methods that answer attention in bounded state, implemented from their papers for
 * comparison at equal state sizes. They are for measurements only. Their bookkeeping takes a few
 * bytes, less than the header of a sequence.
 */
package dev.onepass.bench.methods.peers;
