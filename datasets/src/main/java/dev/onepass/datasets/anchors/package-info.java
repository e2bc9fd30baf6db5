/** Anchor sets made from the early part of a stream. */
package dev.onepass.datasets.anchors;
