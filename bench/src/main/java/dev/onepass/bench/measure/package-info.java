/** Errors relative to exact attention, and the arithmetic that measurements share. */
package dev.onepass.bench.measure;
