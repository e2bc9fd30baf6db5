/**
 * Load for the job and for its parts: records on a broker, tokens from memory, and the servers and
 * metrics to measure with.
 */
package dev.onepass.bench.load;
