package dev.onepass.sketch.kernel;

/** One implementation of the inner loops; see {@link Kernels} for what each of them computes. */
interface KernelProvider {

  void logits(
      float[] query, int queryOffset, double scale, float[] keys, int count, int dim, double[] out);

  double max(double[] x, int count);

  void expMinus(double[] x, int count, double shift);

  void addWeightedRows(double[] weights, float[] rows, int count, int dim, double[] sum);

  void addTransposedProduct(
      float[] left, int leftDim, float[] right, int rightDim, int count, float[] sum);

  void addProduct(float[] left, int count, int innerDim, float[] right, int rightDim, float[] sum);

  void softmaxRows(float[] logits, int rows, int columns, float[] logSums);

  void softmaxColumns(float[] logits, int rows, int columns, float[] logSums);

  void maternVariogram(float[] squareDistances, int count, double length);
}
