package dev.onepass.operators.anchors;

import java.io.Serializable;

/**
 * One version of what all sequences of a head share, as it lies in broadcast state.
 *
 * @param name head and version, {@code head/version}
 * @param bytes the set in the library's wire format
 */
public record StoredAnchorSet(String name, byte[] bytes) implements Serializable {

  /** A set under the name that its head and version give it. */
  public static StoredAnchorSet of(String head, int version, byte[] bytes) {
    return new StoredAnchorSet(head + '/' + version, bytes);
  }

  /** The head in the name. */
  public String head() {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }
}
