/** A generated stream of a recommender's events. */
package dev.onepass.datasets.recommender;
