/** The command {@code fleet}: errors of methods on many sequences, at equal bytes each. */
package dev.onepass.bench.fleet;
