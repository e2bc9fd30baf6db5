/**
 * The inner loops, behind one face.
 *
 * <p>{@link dev.onepass.sketch.kernel.Kernels} is what everything else calls; which {@link
 * dev.onepass.sketch.kernel.KernelProvider} does the work is decided once, when the class is
 * loaded.
 */
package dev.onepass.sketch.kernel;
