package dev.onepass.operators.anchors;

import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads records of the anchors topic: the key is a head, the value a set. */
public final class AnchorRecords {

  private final Map<String, HeadSpec> heads = new LinkedHashMap<>();
  private final long factorBytes;

  /**
   * Reads sets of these heads.
   *
   * @param factorBytes bytes of the largest factor that a set may need
   */
  public AnchorRecords(List<HeadSpec> heads, long factorBytes) {
    this.factorBytes = factorBytes;
    heads.forEach(head -> this.heads.put(head.name(), head));
  }

  public static String head(RawRecord record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  /** Returns whether a record is a set, or is meant to be one, of a declared head. */
  public boolean isOfDeclaredHead(RawRecord record) {
    return record.key() != null && record.value() != null && heads.containsKey(head(record));
  }

  /**
   * The set in a record.
   *
   * @throws IllegalArgumentException if there is none for a declared head, with a sentence that
   *     says why
   */
  public ParsedAnchorSet read(RawRecord record) {
    if (record.key() == null) {
      throw new IllegalArgumentException("record key: missing; it is the head");
    }
    HeadSpec head = heads.get(head(record));
    if (head == null) {
      throw new IllegalArgumentException(
          "record key: head '%s' is not declared; declared are %s"
              .formatted(head(record), heads.keySet()));
    }
    if (record.value() == null) {
      throw new IllegalArgumentException("record value: missing; it is an anchor set");
    }
    ParsedAnchorSet parsed;
    try {
      parsed = ParsedAnchorSet.of(record.value());
    } catch (CorruptSketchException e) {
      throw new IllegalArgumentException("record value: no anchor set: " + e.getMessage(), e);
    }
    if (parsed.set().keyDim() != head.keyDim()) {
      throw new IllegalArgumentException(
          "record value: an anchor set for keys of %d numbers, where head %s has %d"
              .formatted(parsed.set().keyDim(), head.name(), head.keyDim()));
    }
    long needed = head.family().factorBytes(head.sketchConfig(head.layout()), parsed.set().count());
    if (needed > factorBytes) {
      throw new IllegalArgumentException(
          "record value: answers from this anchor set need a factor of %d bytes, more than the %d of anchors.factor-cache; raise it, or publish a set of fewer anchors"
              .formatted(needed, factorBytes));
    }
    return parsed;
  }
}
