/** The command {@code calibration}: compares stated errors with true errors. */
package dev.onepass.bench.calibration;
