/** The command {@code recommender}: writes a generated recommender stream to files. */
package dev.onepass.bench.recommender;
