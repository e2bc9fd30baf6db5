// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import java.io.Serializable;

/**
 * One version of a head's anchor set, as broadcast state holds it.
 *
 * @param name head and version, {@code head/version}
 * @param bytes the set in the wire format
 */
public record StoredAnchorSet(String name, byte[] bytes) implements Serializable {

  /** Creates the stored form of a set, named by its head and version. */
  public static StoredAnchorSet of(String head, int version, byte[] bytes) {
    return new StoredAnchorSet(head + '/' + version, bytes);
  }

  /** Returns the head that the name holds. */
  public String head() {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }
}
