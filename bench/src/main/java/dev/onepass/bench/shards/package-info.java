/** What it brings to keep hot sequences in shards. */
package dev.onepass.bench.shards;
