// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/** The help of the command line, as plain text. */
public final class Help {

  private static final int WIDTH = 100;

  private static final String INDENT = "    ";

  private static final String HEAD =
      """
      usage: flink run [OPTIONS OF FLINK] onepass-job.jar --config FILE [--NAME VALUE | --NAME=VALUE]...

      --config names a YAML file with the options below. Options on the command line override it.
      Set parallelism, checkpoints and other settings of Flink with flink run -DNAME=VALUE.

      """;

  private Help() {}

  /** Returns whether the arguments contain {@code --help}. */
  public static boolean isAskedFor(String[] args) {
    return List.of(args).contains("--help");
  }

  /** Returns all options with type, default and description. */
  public static String text() {
    StringBuilder text = new StringBuilder(HEAD);
    for (ConfigOption<?> option : OnepassOptions.all()) {
      entry(
          text,
          "%s (%s, %s)".formatted(option.key(), OptionText.type(option), defaultOf(option)),
          OptionText.description(option));
    }
    entry(
        text,
        OnepassOptions.KAFKA_PROPERTIES + "NAME",
        "Property NAME for Kafka's clients, passed on unchanged: security settings, group.id, max.request.size and so on.");
    entry(
        text,
        OnepassOptions.HEAD + "NAME.key-dim, .value-dim, .scale, .state-size",
        "Setting for the head NAME, in place of sketch.key-dim, .value-dim, .scale or .state-size.");
    entry(
        text,
        OnepassOptions.HEAD + "NAME.heavy.share, .heavy.degree",
        "Setting for the head NAME, in place of heavy.share or heavy.degree.");
    entry(
        text,
        OnepassOptions.HEAD + "NAME.columns",
        "Number of coordinates to which the keys and query vectors of the head NAME are projected; whole keys if unset.");
    entry(
        text,
        OnepassOptions.HEAD + "NAME.columns.least-variance",
        "columns.least-variance of the head NAME.");
    entry(
        text,
        OnepassOptions.HEAD + "NAME.decay.half-life, .decay.half-life-tokens",
        "Decay of the head NAME, in place of decay.half-life and decay.half-life-tokens.");
    return text.toString();
  }

  private static void entry(StringBuilder text, String title, String description) {
    text.append(title).append('\n');
    StringBuilder line = new StringBuilder(INDENT);
    for (String word : description.split(" ")) {
      if (line.length() > INDENT.length() && line.length() + word.length() >= WIDTH) {
        text.append(line.toString().stripTrailing()).append('\n');
        line.setLength(INDENT.length());
      }
      line.append(word).append(' ');
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static String defaultOf(ConfigOption<?> option) {
    Object value = option.defaultValue();
    return value == null ? "no default" : "default " + OptionText.value(value);
  }
}
