/** The command {@code flat}: time and memory of a token as a sequence gets longer. */
package dev.onepass.bench.flat;
