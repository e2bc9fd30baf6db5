/** Provides the base of all serializers: versions, and strings and arrays as bytes. */
package dev.onepass.operators.serde;
