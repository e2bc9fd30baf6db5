package dev.onepass.job.format.fields;

import dev.onepass.sketch.sequence.HeadSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The declared heads by name. */
public final class Heads implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String DEFAULT = "default";

  private final LinkedHashMap<String, HeadSpec> byName = new LinkedHashMap<>();

  /** Heads in the order of their declaration. */
  public Heads(List<HeadSpec> heads) {
    heads.forEach(head -> byName.put(head.name(), head));
  }

  /** Names, in the order of declaration. */
  public List<String> names() {
    return new ArrayList<>(byName.keySet());
  }

  /**
   * The head that a record names; a record that names none is for the head {@code default}, or for
   * the only one there is.
   *
   * @param name the record's field, or null
   * @throws BadRecordException if that head is not declared
   */
  HeadSpec of(String name) throws BadRecordException {
    HeadSpec head = byName.get(name == null ? DEFAULT : name);
    if (head == null && name == null && byName.size() == 1) {
      for (Map.Entry<String, HeadSpec> only : byName.entrySet()) {
        head = only.getValue();
      }
    }
    if (head == null) {
      throw new BadRecordException(
          name == null
              ? "head: missing, and there is no head 'default'; declared are " + names()
              : "head: '"
                  + BadRecordException.shown(name)
                  + "' is not declared; declared are "
                  + names());
    }
    return head;
  }

  /**
   * The numbers of a vector field, or of several vectors of one length.
   *
   * @throws BadRecordException if the field is missing or the vectors have another length than the
   *     head's
   */
  static float[] vector(
      String field, boolean present, FloatBuffer numbers, int vectors, int dim, HeadSpec head)
      throws BadRecordException {
    if (!present) {
      throw new BadRecordException(field + ": missing");
    }
    int length = numbers.size() / vectors;
    if (length != dim) {
      throw new BadRecordException(
          "%s: %d numbers where head %s has %d".formatted(field, length, head.name(), dim));
    }
    return numbers.toArray();
  }
}
