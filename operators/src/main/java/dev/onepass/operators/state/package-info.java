/**
 * The managed state of a sequence, all of it behind {@link
 * dev.onepass.operators.state.ManagedSequenceStore}. State names and byte formats are kept for
 * ever: savepoints depend on them.
 */
package dev.onepass.operators.state;
