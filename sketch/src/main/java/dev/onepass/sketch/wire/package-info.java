/**
 * How a sketch becomes bytes: the preamble that all families share, and bounds-checked
 * little-endian access.
 */
package dev.onepass.sketch.wire;
