/** Arithmetic that several streams need. */
package dev.onepass.datasets.numbers;
