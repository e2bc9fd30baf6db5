/** Options that several commands share. */
package dev.onepass.bench.cli;
