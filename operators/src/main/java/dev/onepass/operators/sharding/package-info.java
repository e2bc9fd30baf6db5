/**
 * Hot sequences: which sequences are kept in several shards, and the key of each shard, so that
 * several task threads share their tokens.
 */
package dev.onepass.operators.sharding;
