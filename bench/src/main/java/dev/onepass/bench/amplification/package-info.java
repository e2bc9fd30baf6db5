/**
 * The command {@code amplification}: bytes that the job writes into RocksDB and into checkpoints
 * for each byte of its tokens.
 */
package dev.onepass.bench.amplification;
