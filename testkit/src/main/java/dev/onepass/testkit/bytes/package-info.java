/** Numbers of bytes as text. */
package dev.onepass.testkit.bytes;
