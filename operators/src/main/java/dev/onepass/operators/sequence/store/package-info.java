/** The state of sequences: the managed store, the cache in front of it, and pending tokens. */
package dev.onepass.operators.sequence.store;
