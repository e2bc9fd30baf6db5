/**
 * The chaos campaign: the job under traffic while parts of its world are killed, stopped, filled or
 * deleted, and a table of what that did to answers. {@code ChaosITCase} is the way in.
 */
package dev.onepass.it.chaos;
