/** The registry of sketch families. It reads a sketch of any family. */
package dev.onepass.sketch.registry;
