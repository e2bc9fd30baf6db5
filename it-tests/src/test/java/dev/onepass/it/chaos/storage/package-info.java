/**
 * A Flink plugin: a file system that a test can fill up, or hold at the end of a checkpoint. Its
 * classes run inside Flink's processes.
 */
package dev.onepass.it.chaos.storage;
