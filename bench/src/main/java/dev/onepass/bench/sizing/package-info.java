/** What a cluster needs for so many sequences and tokens: a formula, and a simulation beside it. */
package dev.onepass.bench.sizing;
