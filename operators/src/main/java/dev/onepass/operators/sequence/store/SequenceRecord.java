// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.sketch.sequence.Header;

/**
 * The value of the {@code header} state: what every event of a sequence needs, in one read and one
 * write.
 *
 * @param header counts and settings of the sequence; changed in place
 * @param lifetime what expiry knows of it
 */
public record SequenceRecord(Header header, Lifetime lifetime) {

  /** Returns a record that does not change with this one's header. */
  SequenceRecord copy() {
    return new SequenceRecord(Header.fromByteArray(header.toByteArray()), lifetime);
  }
}
