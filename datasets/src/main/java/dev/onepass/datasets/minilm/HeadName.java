// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.minilm;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One attention head of all-MiniLM-L6-v2, written {@code L3H9}.
 *
 * @param layer 0 to 5
 * @param head 0 to 11
 */
public record HeadName(int layer, int head) {
  /** Layers of the model. */
  public static final int LAYERS = 6;

  /** Heads of each layer. */
  public static final int HEADS = 12;

  private static final Pattern FORM = Pattern.compile("L(\\d{1,2})H(\\d{1,2})");

  /** Checks that the model has the head. */
  public HeadName {
    if (layer < 0 || layer >= LAYERS || head < 0 || head >= HEADS) {
      throw new IllegalArgumentException(
          "the model has layers L0 to L%d with heads H0 to H%d, not L%dH%d"
              .formatted(LAYERS - 1, HEADS - 1, layer, head));
    }
  }

  /**
   * Reads names as {@code L0H7,L3H9}.
   *
   * @param text comma-separated names, each at most once
   * @return the heads in the order given, at least one
   */
  public static List<HeadName> parseAll(String text) {
    List<HeadName> heads = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      HeadName head = parse(part.strip());
      if (heads.contains(head)) {
        throw new IllegalArgumentException("head " + head + " appears twice");
      }
      heads.add(head);
    }
    return heads;
  }

  private static HeadName parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a head; write for example L3H9");
    }
    return new HeadName(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  @Override
  public String toString() {
    return "L" + layer + "H" + head;
  }
}
