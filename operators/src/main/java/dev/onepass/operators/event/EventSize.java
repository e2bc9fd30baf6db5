// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

/** Estimates the bytes that an event takes in state: its record and the decoded fields. */
public final class EventSize {

  /** Bytes of an event in state and on the heap, without its strings and vectors. */
  private static final int OVERHEAD = 512;

  private EventSize() {}

  /** Returns an upper estimate of the bytes, at most {@link Integer#MAX_VALUE}. */
  public static int of(Event event) {
    RawRecord record = event.origin();
    long bytes = OVERHEAD + 3L * event.key().sequence().length() + length(record.key());
    bytes += length(record.value());
    for (Headers.Header header : record.headers().entries()) {
      bytes += 3L * header.name().length() + length(header.value());
    }
    if (event instanceof Event.Query query) {
      bytes += (long) Float.BYTES * query.vectors().length + 3L * query.queryId().length();
    } else if (event instanceof Event.Token token) {
      bytes += (long) Float.BYTES * (token.vectorKey().length + token.value().length);
    }
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
