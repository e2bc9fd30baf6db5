/**
 * The compute kernels: the inner loops of folds and queries.
 *
 * <p>Other packages call {@link dev.onepass.sketch.simd.Kernels}. The {@link
 * dev.onepass.sketch.simd.KernelProvider} that does the work is chosen once, when that class is
 * loaded: vectors of {@code jdk.incubator.vector}, or plain loops.
 *
 * <p>Rules for code on vectors. A vector must not become an object, because that is a hundred times
 * slower. The compiler keeps a vector in registers if it knows the class of the receiver of a
 * method call, and it does not know the class of a variable that a loop changes. Such a variable is
 * therefore an argument and never the receiver: {@code x.add(sum)} and not {@code sum.add(x)}, and
 * after the loop {@code FloatVector.zero(SPECIES).add(sum).intoArray(...)}. Such a variable must
 * not start as a static vector either, which is an object. Breaking the rule may seem to work: with
 * two float species in a process, as here, it depends on which method is compiled first. Methods
 * longer than a line neither take nor return vectors. Loops are long, above 325 bytes of code, so
 * that they are compiled on their own and not inlined into callers, where the inlining budget would
 * not suffice.
 */
@Internal
package dev.onepass.sketch.simd;

import dev.onepass.sketch.annotations.Internal;
