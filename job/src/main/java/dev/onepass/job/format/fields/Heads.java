// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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

  /**
   * @param heads heads in the order of their declaration
   */
  public Heads(List<HeadSpec> heads) {
    heads.forEach(head -> byName.put(head.name(), head));
  }

  /** Returns the names in the order of declaration. */
  public List<String> names() {
    return new ArrayList<>(byName.keySet());
  }

  /**
   * Returns the head of a record: the head that it names, or else the head {@code default} or the
   * only head.
   *
   * @param name the record's field {@code head}, or null
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
              ? "head: missing, and no head 'default' is declared; declared heads: " + names()
              : "head: '"
                  + BadRecordException.shown(name)
                  + "' is not declared; declared heads: "
                  + names());
    }
    return head;
  }
}
