package dev.onepass.bench.sizing;

/**
 * What one of each costs, as measured.
 *
 * @param microsPerFold of a core, for a token folded by the library
 * @param microsPerRecord of a core, for all else that is done with a token: reading, decoding,
 *     sending to its task
 * @param microsPerQuery of a core, for a query record of one vector
 * @param recordBytes of a token's record, from Kafka
 * @param shuffledBytes of a token between tasks
 * @param replyBytes of an answer, to Kafka
 * @param rewritten bytes that RocksDB writes in all for each that is put into it: flushed once, and
 *     again by compaction
 * @param uploaded bytes that an incremental checkpoint writes for each that is put: less where
 *     sequences are written again before it, more by what compaction has rewritten
 * @param restoreBytesPerSecond that a task manager reads its state with
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
