/** Generated streams whose properties are known by construction. */
package dev.onepass.datasets.planted;
