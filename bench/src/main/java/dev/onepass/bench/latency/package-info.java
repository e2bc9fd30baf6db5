/** The command {@code latency}: the time that an answer takes while the job is under load. */
package dev.onepass.bench.latency;
