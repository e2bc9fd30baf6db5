package dev.onepass.bench.kernels;

/** Multiply-adds between registers: the most that a core can do. */
interface FmaLoop {

  /** A loop on vectors, by name because it asks for a module that may not be there. */
  static FmaLoop onVectors() {
    try {
      return (FmaLoop)
          Class.forName(FmaLoop.class.getPackageName() + ".VectorFmaLoop")
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException(
          "start Java with --add-modules jdk.incubator.vector to measure the core's peak", e);
    }
  }

  /** Floating-point operations of one round. */
  int operationsPerRound();

  /** Runs so many rounds and returns a sum of all, so that nothing is left out. */
  float run(int rounds);
}
