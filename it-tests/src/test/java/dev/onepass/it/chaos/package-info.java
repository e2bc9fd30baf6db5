/**
 * The chaos campaign. It runs the job under traffic, disturbs its environment (kills, suspends,
 * fills or deletes parts of it), and writes a table of the effects on answers. Start reading at
 * {@code ChaosITCase}.
 */
package dev.onepass.it.chaos;
