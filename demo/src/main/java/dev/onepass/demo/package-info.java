/**
 * The whole of Onepass in one command: real attention heads are streamed through a real Kafka
 * broker into the job, and its answers are compared with exact attention.
 */
package dev.onepass.demo;
