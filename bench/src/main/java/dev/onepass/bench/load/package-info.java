/**
 * The job under load: beside a job that only passes tokens through, on one broker and one cluster
 * inside this JVM.
 */
package dev.onepass.bench.load;
