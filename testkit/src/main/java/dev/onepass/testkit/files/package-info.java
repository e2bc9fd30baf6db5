/** Removal of directories. */
package dev.onepass.testkit.files;
