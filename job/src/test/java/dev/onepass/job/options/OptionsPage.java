// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;

/** Writes {@code docs/options.md} from the options. */
final class OptionsPage {

  private static final String BEGIN =
      """
      # Options

      <!-- Generated from OnepassOptions. Do not edit; see OptionsPageTest. -->

      Set options in the YAML file that `--config` names, flat or nested, or on the command line as
      `--NAME VALUE`. The command line overrides the file. The job checks all options when it starts
      and lists all problems at once. Parallelism, checkpoints and the state backend are settings of
      Flink: set them with `flink run -DNAME=VALUE`.

      Times and sizes need a unit: `500 ms`, `30 s`, `10 min`, `12 h`, `7 d`; `64B`, `128KiB`,
      `16MiB`, `1GiB`.
      """;

  private static final String PROPERTIES =
      row(
          "kafka.properties.NAME",
          "text",
          "",
          "Property `NAME` for Kafka's clients, passed on unchanged: security settings, `group.id`, `max.request.size` and so on. The job refuses properties that it sets itself.");

  private static final String HEAD =
      row("head.NAME.key-dim", "whole number", "", "`sketch.key-dim` of the head `NAME`.")
          + row("head.NAME.value-dim", "whole number", "", "`sketch.value-dim` of the head `NAME`.")
          + row("head.NAME.scale", "number", "", "`sketch.scale` of the head `NAME`.")
          + row("head.NAME.state-size", "size", "", "`sketch.state-size` of the head `NAME`.")
          + row("head.NAME.heavy.share", "number", "", "`heavy.share` of the head `NAME`.")
          + row("head.NAME.heavy.degree", "whole number", "", "`heavy.degree` of the head `NAME`.")
          + row(
              "head.NAME.columns",
              "whole number",
              "",
              "Number of coordinates to which the keys and query vectors of the head `NAME` are projected, from 1 to below the key length. The head's anchor set says which; until there is one, keys are whole. See [choose](choose.md#wide-keys).")
          + row(
              "head.NAME.columns.least-variance",
              "number",
              "",
              "`columns.least-variance` of the head `NAME`.")
          + row("head.NAME.decay.half-life", "time", "", decay("decay.half-life"))
          + row(
              "head.NAME.decay.half-life-tokens",
              "whole number",
              "",
              decay("decay.half-life-tokens"));

  private static String decay(String option) {
    return "`%s` of the head `NAME`, in place of both common options.".formatted(option);
  }

  /** Headings by the first part of the options' names, in the order of the page. */
  private static final Map<String, String> HEADINGS = new LinkedHashMap<>();

  static {
    HEADINGS.put("kafka", "Kafka");
    HEADINGS.put("topics", "Topics");
    HEADINGS.put("records", "Records");
    HEADINGS.put("heads", "Heads");
    HEADINGS.put("sketch", "Sketches");
    HEADINGS.put("anchors", "Anchor sets");
    HEADINGS.put("columns", "Wide keys");
    HEADINGS.put("order", "Order of records");
    HEADINGS.put("as-of", "Waiting queries");
    HEADINGS.put("state", "State");
    HEADINGS.put("shards", "Hot sequences");
    HEADINGS.put("shadow", "Measurement of the true error");
    HEADINGS.put("onepass", "The onepass sketch");
    HEADINGS.put("decay", "Decay");
    HEADINGS.put("heavy", "Heavy keys");
  }

  private OptionsPage() {}

  /** Returns the page. */
  static String text() {
    Map<String, List<ConfigOption<?>>> groups = new LinkedHashMap<>();
    HEADINGS.keySet().forEach(group -> groups.put(group, new ArrayList<>()));
    for (ConfigOption<?> option : OnepassOptions.all()) {
      groups.get(option.key().split("\\.")[0]).add(option);
    }
    StringBuilder page = new StringBuilder(BEGIN);
    groups.forEach(
        (group, options) -> {
          page.append("\n## ").append(HEADINGS.get(group)).append("\n\n");
          page.append("| Option | Type | Default | Description |\n|---|---|---|---|\n");
          options.forEach(option -> page.append(row(option)));
          page.append(group.equals("kafka") ? PROPERTIES : group.equals("heads") ? HEAD : "");
        });
    return page.toString();
  }

  private static String row(ConfigOption<?> option) {
    Object value = option.defaultValue();
    return row(
        option.key(),
        OptionText.type(option).replace(" | ", ", "),
        value == null ? "" : "`" + OptionText.value(value) + "`",
        OptionText.description(option).replace("*", "\\*").replace("|", "\\|"));
  }

  private static String row(String name, String type, String value, String description) {
    return "| `%s` | %s | %s | %s |\n".formatted(name, type, value, description);
  }
}
