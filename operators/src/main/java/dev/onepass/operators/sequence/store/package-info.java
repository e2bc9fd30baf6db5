/** The state of sequences: the store in the backend, its cache on the heap, and their formats. */
package dev.onepass.operators.sequence.store;
