/** The command {@code shards}: the effect of splitting hot sequences into shards. */
package dev.onepass.bench.shards;
