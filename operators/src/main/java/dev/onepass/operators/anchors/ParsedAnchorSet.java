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
 * An anchor set and its bytes. A set may take megabytes, and every subtask has all of them: the
 * same content is one object in the whole process, which goes when the last subtask lets it go.
 *
 * @param set the set
 * @param bytes what it was read from
 */
public record ParsedAnchorSet(AnchorSet set, byte[] bytes) {

  private static final Map<String, WeakReference<ParsedAnchorSet>> IN_THIS_PROCESS =
      new HashMap<>();

  /**
   * Returns the set in these bytes, once it was tried out.
   *
   * @throws CorruptSketchException if the bytes are no anchor set, or one that no sequence can work
   *     with, with a sentence that says why
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
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
