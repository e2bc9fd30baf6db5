// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

/** Multiply-adds in registers, which measure the peak of a core. */
interface FmaLoop {

  /** Loads the vector loop by name, because it needs a module that may be missing. */
  static FmaLoop onVectors() {
    try {
      return Class.forName(FmaLoop.class.getPackageName() + ".VectorFmaLoop")
          .asSubclass(FmaLoop.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException(
          "start Java with --add-modules jdk.incubator.vector to measure the core's peak", e);
    }
  }

  /** Returns the number of floating-point operations of one round. */
  int operationsPerRound();

  /**
   * Runs a number of rounds and returns a sum of the results, so that the compiler removes none.
   */
  float run(int rounds);
}
