/** Long work that several sequences share, and how it is interrupted. */
package dev.onepass.sketch.background;
