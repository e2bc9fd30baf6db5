/**
 * A Flink plugin with a file system that a test can fill up, and in which a test can hold back a
 * checkpoint that is completely written. Its classes run inside Flink's processes.
 */
package dev.onepass.it.chaos.storage;
