/** The base of all serializers: versions, strings and arrays as bytes. */
package dev.onepass.operators.serde;
