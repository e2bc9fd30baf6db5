/**
 * Other ways to answer attention in bounded state, written from their papers to be compared with at
 * equal bytes. For measurements only; their own bookkeeping is a few bytes, less than a sequence's
 * header.
 */
package dev.onepass.bench.peers;
