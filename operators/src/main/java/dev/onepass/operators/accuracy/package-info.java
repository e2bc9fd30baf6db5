/**
 * How wrong answers really are: one in so many sequences has a shadow that keeps all its tokens up
 * to a bound, and its answers are compared with exact attention over them.
 */
package dev.onepass.operators.accuracy;
