/**
 * The inner loops, behind one face.
 *
 * <p>{@link dev.onepass.sketch.simd.Kernels} is what everything else calls; which {@link
 * dev.onepass.sketch.simd.KernelProvider} does the work is decided once, when the class is loaded.
 *
 * <p>A vector must not become an object, which costs a hundred times what the vector does. The
 * compiler keeps it in registers where it knows the class of vector that a method is called on, and
 * it does not know that of a variable that a loop changes: so such a variable is an argument and
 * never the receiver. {@code x.add(sum)}, not {@code sum.add(x)}; behind the loop {@code
 * FloatVector.zero(SPECIES).add(sum).intoArray(...)}. Nor does such a variable begin with a static
 * vector, which is an object. With two species of floats about, as here, the other way works in
 * some processes and not in others, by which method was compiled first. Methods of more than a line
 * neither take nor return vectors, and loops are so long, above 325 bytes of code, that they are
 * compiled on their own instead of into callers, for which the compiler's patience would not do.
 */
package dev.onepass.sketch.simd;
