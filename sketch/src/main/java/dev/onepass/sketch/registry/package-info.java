/** The registry of sketch families, which reads a sketch of any family. */
package dev.onepass.sketch.registry;
