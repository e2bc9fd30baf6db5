/**
 * Measurements of Onepass, from the command line. {@link dev.onepass.bench.Bench} has one
 * subcommand for each measurement, and each measurement has a package: its command, what it does
 * and its table. The packages {@code cli}, {@code report}, {@code measure}, {@code methods}, {@code
 * trials}, {@code load} and {@code stores} hold what several measurements share.
 */
package dev.onepass.bench;
