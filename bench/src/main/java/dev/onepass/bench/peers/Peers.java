// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import java.util.List;
import java.util.Optional;

/** The list of methods to compare with. */
public final class Peers {
  /** All methods. */
  public static final List<Method> ALL =
      List.of(
          new UniformReservoir(),
          new LastTokens(),
          new SinksAndWindow(),
          CodedReservoir.tuned(4),
          CodedReservoir.tuned(8),
          CodedReservoir.tuned(16),
          ClusterMeans.tuned(),
          TopKRetrieval.tuned(),
          NearestAnchor.tuned(),
          MomentKv.tuned(),
          DegreeTwo.tuned(),
          SimHashBuckets.normalized(),
          SimHashBuckets.withCounts(),
          PositiveFeatures.tuned(),
          NystromBlocks.tuned(),
          SubGen.tuned(),
          BalanceKv.tuned(),
          ExpectedAttention.tuned());

  private Peers() {}

  /**
   * Returns what a peer has learned.
   *
   * @throws IllegalArgumentException if it has not learned anything
   */
  static <T> T learned(Optional<T> what, String peer) {
    return what.orElseThrow(
        () -> new IllegalArgumentException(peer + " has learned from no past rows"));
  }
}
