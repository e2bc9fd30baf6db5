/** The command {@code heads}: writes attention heads of a model to files. */
package dev.onepass.bench.heads;
