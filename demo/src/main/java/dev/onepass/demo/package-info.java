/**
 * Onepass in one command: {@link dev.onepass.demo.Demo} streams attention heads of a model through
 * a Kafka broker into the job and compares the answers with exact attention. {@link
 * dev.onepass.demo.Produce} streams the same heads to a broker that already runs.
 */
package dev.onepass.demo;
