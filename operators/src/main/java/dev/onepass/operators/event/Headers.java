// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import java.util.List;

/**
 * The headers of a record, in their order. Names may repeat.
 *
 * @param entries name and value of each header
 */
public record Headers(List<Header> entries) {

  /** The headers of a record without any. */
  public static final Headers NONE = new Headers(List.of());

  /** Copies the list of headers. */
  public Headers {
    entries = List.copyOf(entries);
  }

  /**
   * A header.
   *
   * @param name name of the header
   * @param value value of the header, or null
   */
  public record Header(String name, byte[] value) {}
}
