/** Fleets: streams of many sequences that share one attention head. */
package dev.onepass.datasets.fleets;
