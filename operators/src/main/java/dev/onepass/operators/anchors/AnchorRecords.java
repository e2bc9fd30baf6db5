// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the records of the anchors topic: the key is the name of a head, the value is a set. */
public final class AnchorRecords {

  private final Map<String, HeadSpec> heads = new LinkedHashMap<>();
  private final long factorBytes;

  /**
   * Creates a reader of the sets of these heads.
   *
   * @param heads declared heads
   * @param factorBytes limit on the bytes of the factor that a set needs for its answers
   */
  public AnchorRecords(List<HeadSpec> heads, long factorBytes) {
    this.factorBytes = factorBytes;
    heads.forEach(head -> this.heads.put(head.name(), head));
  }

  /** Returns the name of the head that the key of a record holds; the key must not be null. */
  public static String head(RawRecord record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  /** Returns whether a record has a value and the key of a declared head. */
  public boolean isOfDeclaredHead(RawRecord record) {
    return record.key() != null && record.value() != null && heads.containsKey(head(record));
  }

  /**
   * Reads the set of a declared head from a record.
   *
   * @throws RefusedSetException if the record does not hold a usable set of a declared head
   */
  public ParsedAnchorSet read(RawRecord record) throws RefusedSetException {
    if (record.key() == null) {
      throw new RefusedSetException("record key: missing; set it to the name of the head");
    }
    HeadSpec head = heads.get(head(record));
    if (head == null) {
      throw new RefusedSetException(
          "record key: head '%s' is not declared; the declared heads are %s"
              .formatted(head(record), heads.keySet()));
    }
    if (record.value() == null) {
      throw new RefusedSetException("record value: missing; expected an anchor set");
    }
    ParsedAnchorSet parsed;
    try {
      parsed = ParsedAnchorSet.of(record.value());
    } catch (CorruptSketchException e) {
      throw new RefusedSetException("record value: not an anchor set: " + e.getMessage(), e);
    }
    Optional<String> refusal = head.refusal(parsed.set());
    if (refusal.isPresent()) {
      throw new RefusedSetException("record value: " + refusal.get());
    }
    long needed = head.family().factorBytes(head.sketchConfig(head.layout()), parsed.set().count());
    if (needed > factorBytes) {
      throw new RefusedSetException(
          "record value: answers from this anchor set need a factor of %d bytes, but anchors.factor-cache is %d; raise anchors.factor-cache, or publish a set with fewer anchors"
              .formatted(needed, factorBytes));
    }
    return parsed;
  }
}
