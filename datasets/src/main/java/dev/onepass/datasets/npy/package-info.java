/** Matrices and vectors in NumPy's file format. */
package dev.onepass.datasets.npy;
