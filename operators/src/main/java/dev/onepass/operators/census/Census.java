package dev.onepass.operators.census;

import java.util.Map;
import java.util.TreeMap;

/** What a subtask holds, head by head, those that are not declared any more included. */
public final class Census {

  private final Map<String, Population> heads = new TreeMap<>();

  /** The sequences of a head. */
  public Population of(String head) {
    return heads.computeIfAbsent(head, name -> new Population());
  }

  /** All heads there are. */
  public Map<String, Population> heads() {
    return heads;
  }
}
