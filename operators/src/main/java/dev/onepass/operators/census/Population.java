// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sums over the sequences of a head in a subtask. Only the task thread changes them; other
 * threads may read them, as with Flink's counters.
 */
public final class Population {

  private long sequences;
  private long exact;
  private long stateBytes;
  private long waiting;

  /** Number of sequences by the adopted version; for the task thread alone. */
  private final SortedMap<Integer, Long> adopted = new TreeMap<>();

  /**
   * Replaces the contribution of a sequence.
   *
   * @param before contribution so far
   * @param after contribution from now on
   */
  public void change(Footprint before, Footprint after) {
    sequences += after.sequences() - before.sequences();
    exact += after.exact() - before.exact();
    stateBytes += after.stateBytes() - before.stateBytes();
    waiting += after.waiting() - before.waiting();
    if (before.anchorsVersion() != after.anchorsVersion()) {
      adopt(before.anchorsVersion(), -1);
      adopt(after.anchorsVersion(), 1);
    }
  }

  /**
   * Adds the sequences of a checkpoint.
   *
   * @param total sum over the sequences
   * @param byAnchorsVersion number of sequences by the version of the anchor set that they adopted
   */
  public void add(Footprint total, SortedMap<Integer, Long> byAnchorsVersion) {
    change(Footprint.NONE, total);
    byAnchorsVersion.forEach(this::adopt);
  }

  private void adopt(int version, long sequences) {
    if (version != 0) {
      adopted.merge(version, sequences, (a, b) -> a + b == 0 ? null : a + b);
    }
  }

  /** Returns the number of sequences by the version of the anchor set that they adopted. */
  public SortedMap<Integer, Long> adopted() {
    return new TreeMap<>(adopted);
  }

  /** Returns the sums. */
  public Footprint total() {
    return new Footprint(sequences, exact, stateBytes, waiting, 0);
  }

  /** Returns the number of sequences that have accepted a token. */
  public long sequences() {
    return sequences;
  }

  /** Returns how many of them are in exact mode. */
  public long exact() {
    return exact;
  }

  /** Returns the bytes of headers, pending blocks and sketches. */
  public long stateBytes() {
    return stateBytes;
  }

  /** Returns the number of queries that wait for tokens. */
  public long waiting() {
    return waiting;
  }
}
