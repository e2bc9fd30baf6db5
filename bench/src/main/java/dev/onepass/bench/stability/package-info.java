/** The command {@code stability}: errors as a stream gets longer. */
package dev.onepass.bench.stability;
