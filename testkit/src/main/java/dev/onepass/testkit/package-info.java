/** Brokers, clusters and record clients, to run Onepass in a demo, a measurement or a test. */
package dev.onepass.testkit;
