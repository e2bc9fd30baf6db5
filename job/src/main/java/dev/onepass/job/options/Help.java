package dev.onepass.job.options;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.TextElement;
import org.apache.flink.util.TimeUtils;

/** What the command line takes, as plain text. */
public final class Help {

  private static final int WIDTH = 100;

  private static final String INDENT = "    ";

  private static final String HEAD =
      """
      usage: flink run [OPTIONS OF FLINK] onepass-job.jar --config FILE [--NAME VALUE | --NAME=VALUE]...

      --config names a YAML file of the options below; what stands on the command line wins over it.
      Parallelism, checkpoints and the like are Flink's own: flink run -DNAME=VALUE.

      """;

  private Help() {}

  /** Whether a command line asks for it. */
  public static boolean isAskedFor(String[] args) {
    return List.of(args).contains("--help");
  }

  /** Returns every option with its type, its default and what it means. */
  public static String text() {
    StringBuilder text = new StringBuilder(HEAD);
    for (ConfigOption<?> option : OnepassOptions.all()) {
      entry(
          text,
          "%s (%s, %s)".formatted(option.key(), type(option), otherwise(option)),
          description(option));
    }
    entry(
        text,
        OnepassOptions.KAFKA_PROPERTIES + "NAME",
        "Goes to Kafka's clients as it is: security, group.id, max.request.size and the like.");
    entry(
        text,
        OnepassOptions.HEAD + "NAME.key-dim, .value-dim, .scale, .state-size",
        "What holds for the head NAME instead of sketch.key-dim and so on.");
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

  private static String type(ConfigOption<?> option) {
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
    if (type == Double.class) {
      return "number";
    }
    return type == String.class ? "text" : "whole number";
  }

  private static String otherwise(ConfigOption<?> option) {
    Object value = option.defaultValue();
    if (value == null) {
      return "no default";
    }
    return "default "
        + (value instanceof Duration time ? TimeUtils.formatWithHighestUnit(time) : value);
  }

  private static String description(ConfigOption<?> option) {
    return option.description().getBlocks().stream()
        .map(block -> ((TextElement) block).getFormat())
        .collect(Collectors.joining(" "));
  }
}
