// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.TextElement;
import org.apache.flink.util.TimeUtils;

/** The types, values and descriptions of options in words, for the help, the log and the docs. */
final class OptionText {

  private OptionText() {}

  /** Returns the type of an option's value, or the values of an enumeration, joined by " | ". */
  static String type(ConfigOption<?> option) {
    Class<?> type = OnepassOptions.typeOf(option);
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(Object::toString)
          .collect(Collectors.joining(" | "));
    }
    if (type == Boolean.class) {
      return "true | false";
    }
    if (type == Duration.class) {
      return "time";
    }
    if (type == MemorySize.class) {
      return "size";
    }
    if (type == Double.class) {
      return "number";
    }
    return type == String.class ? "text" : "whole number";
  }

  /** Returns a value as a user would write it. */
  static String value(Object value) {
    if (value instanceof Duration time) {
      return TimeUtils.formatWithHighestUnit(time);
    }
    return value instanceof MemorySize size ? ByteSize.format(size.getBytes()) : value.toString();
  }

  /** Returns the description of an option. */
  static String description(ConfigOption<?> option) {
    return option.description().getBlocks().stream()
        .map(block -> ((TextElement) block).getFormat())
        .collect(Collectors.joining(" "));
  }
}
