/**
 * Golden savepoints: savepoints in the repository that every later version of the job must restore,
 * and what it must then reply.
 */
package dev.onepass.it.golden;
