// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One attention head of a model, written {@code L3H9}.
 *
 * @param layer of the model, from 0
 * @param head of the layer, from 0
 */
public record HeadName(int layer, int head) {
  private static final Pattern FORM = Pattern.compile("L(\\d{1,2})H(\\d{1,2})");

  /**
   * Reads names as {@code L0H7,L3H9}.
   *
   * @param text comma-separated names, each at most once
   * @param model has the heads
   * @return the heads in the order given, at least one
   * @throws IllegalArgumentException if a name is wrong, appears twice or is no head of the model
   */
  public static List<HeadName> parseAll(String text, EncoderModel model) {
    List<HeadName> heads = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      HeadName head = parse(part.strip());
      model.require(head);
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
