// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

/** Reports that the covariance of anchors has no Cholesky factor, because it is not finite. */
public final class UnfactorableCovarianceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param kernel kernel of the covariance
   */
  public UnfactorableCovarianceException(Kernel kernel) {
    super("%s: the covariances of the anchors are not finite".formatted(kernel));
  }
}
