/** The command {@code recommender}: writes a recommender's stream or fleet to files. */
package dev.onepass.bench.recommender;
