// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import java.util.List;

/** The list of all claims. */
public final class Claims {
  /** All claims, in the order of {@code docs/claims.md}. */
  public static final List<Claim> ALL =
      List.of(
          new StateClaim(),
          new ErrorClaim(),
          new SizesClaim(),
          new RecoveryClaim(),
          new ProductClaim(),
          new NonzerosClaim(),
          new TimeClaim(),
          new PremiseClaim());

  private Claims() {}

  /** Returns the names of all claims. */
  public static List<String> names() {
    return ALL.stream().map(Claim::name).toList();
  }
}
