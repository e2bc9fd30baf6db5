/** The command {@code heavy}: errors of sketches with heavy keys, and whether needles are found. */
package dev.onepass.bench.heavy;
