/** Streams and fleets of a recommender's events. */
package dev.onepass.datasets.recommender;
