/** The command {@code restore}: the time until a job with a large state runs again. */
package dev.onepass.bench.restore;
