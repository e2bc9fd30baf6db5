// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

/**
 * Measured costs of single operations.
 *
 * @param microsPerFold microseconds of a core to fold a token
 * @param microsPerRecord microseconds of a core for everything else about a token: reading,
 *     decoding, sending it to its task
 * @param microsPerQuery microseconds of a core for a query of one vector
 * @param recordBytes bytes of a token's record in Kafka
 * @param shuffledBytes bytes of a token between tasks
 * @param replyBytes bytes of an answer in Kafka
 * @param rewritten total bytes that RocksDB writes for each byte put into it, by flushes and
 *     compaction
 * @param uploaded bytes that an incremental checkpoint writes for each byte put into RocksDB: fewer
 *     if sequences are written several times before it, more because of compaction
 * @param restoreBytesPerSecond bytes per second that a task manager restores
 */
public record UnitCosts(
    double microsPerFold,
    double microsPerRecord,
    double microsPerQuery,
    double recordBytes,
    double shuffledBytes,
    double replyBytes,
    double rewritten,
    double uploaded,
    double restoreBytesPerSecond) {}
