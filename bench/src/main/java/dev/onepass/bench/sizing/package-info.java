/**
 * The command {@code sizing}: the resources that a workload needs, by a formula and by a simulation
 * that checks it.
 */
package dev.onepass.bench.sizing;
