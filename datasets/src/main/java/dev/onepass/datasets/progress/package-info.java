/** Progress bars of long computations. */
package dev.onepass.datasets.progress;
