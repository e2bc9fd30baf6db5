// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import java.util.Map;
import java.util.TreeMap;

/** The populations of all heads in a subtask, including heads that are no longer declared. */
public final class Census {

  private final Map<String, Population> heads = new TreeMap<>();

  /** Returns the population of a head; creates an empty one if there is none. */
  public Population of(String head) {
    return heads.computeIfAbsent(head, name -> new Population());
  }

  /** Returns the populations by head. */
  public Map<String, Population> heads() {
    return heads;
  }
}
