package dev.onepass.operators.event;

import java.util.List;

/**
 * Headers of a record, in order, names repeated as they come.
 *
 * @param entries name and value of each header
 */
public record Headers(List<Header> entries) {

  /** No headers. */
  public static final Headers NONE = new Headers(List.of());

  /** Copies the list. */
  public Headers {
    entries = List.copyOf(entries);
  }

  /**
   * One header.
   *
   * @param name name
   * @param value value, or null
   */
  public record Header(String name, byte[] value) {}
}
