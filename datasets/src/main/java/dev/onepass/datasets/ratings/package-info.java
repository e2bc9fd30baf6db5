/** Ratings of items by users: files of them, and the vectors of items that they imply. */
package dev.onepass.datasets.ratings;
