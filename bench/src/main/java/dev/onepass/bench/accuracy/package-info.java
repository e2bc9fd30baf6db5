/** The command {@code accuracy}: errors of methods at equal state sizes. */
package dev.onepass.bench.accuracy;
