/** Marks on the Java API: what is contract, and what may change in any version. */
@Internal
package dev.onepass.sketch.annotations;
