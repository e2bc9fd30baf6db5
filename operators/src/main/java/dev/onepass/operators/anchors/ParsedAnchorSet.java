// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.lang.ref.WeakReference;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * An anchor set with its bytes. A set may take megabytes and every subtask holds all sets, so the
 * same content is one object in the whole process. It is freed with the last subtask that holds it.
 *
 * @param set the set
 * @param bytes the set in the wire format
 */
public record ParsedAnchorSet(AnchorSet set, byte[] bytes) {

  private static final Map<String, WeakReference<ParsedAnchorSet>> IN_THIS_PROCESS =
      new HashMap<>();

  /**
   * Returns the set that these bytes hold. Tries out a set that the process does not hold yet.
   *
   * @param bytes a set in the wire format
   * @throws CorruptSketchException if the bytes are not an anchor set, or if sequences cannot work
   *     with the set
   */
  public static ParsedAnchorSet of(byte[] bytes) {
    String content = contentHash(bytes);
    synchronized (IN_THIS_PROCESS) {
      IN_THIS_PROCESS.values().removeIf(reference -> reference.get() == null);
      WeakReference<ParsedAnchorSet> known = IN_THIS_PROCESS.get(content);
      ParsedAnchorSet parsed = known == null ? null : known.get();
      if (parsed == null) {
        AnchorSet set = AnchorSet.fromByteArray(bytes);
        set.tryOut();
        parsed = new ParsedAnchorSet(set, bytes);
        IN_THIS_PROCESS.put(content, new WeakReference<>(parsed));
      }
      return parsed;
    }
  }

  private static String contentHash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }
}
