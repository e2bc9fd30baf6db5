/** A Kafka broker and a Flink cluster inside this JVM, fit for trying things out on one machine. */
package dev.onepass.testkit.embedded;
