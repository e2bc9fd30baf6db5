/**
 * Methods to compare with: what others would use instead of Onepass, each in one class that cites
 * its source and says what differs.
 *
 * <p>All count bytes alike ({@link dev.onepass.bench.peers.Points}): 2 for a number of a stored
 * vector, which is a 16-bit float, and 4 for a weight or a count. Seeds, random directions,
 * codebooks and clustered past queries belong to the head and count as shared bytes. Peers learn
 * from the same past rows as the sketches of Onepass do, values included, and settings are chosen
 * on past sequences ({@link dev.onepass.bench.peers.Tuned}).
 */
package dev.onepass.bench.peers;
