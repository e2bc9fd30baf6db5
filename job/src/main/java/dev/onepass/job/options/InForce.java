// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.HEAD;
import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;

/** Lists the options in force for the log: one line for each option, with its value. */
final class InForce {

  private final OptionValues values;
  private final List<HeadSpec> heads;

  InForce(OptionValues values, List<HeadSpec> heads) {
    this.values = values;
    this.heads = heads;
  }

  /** Returns all options, then the resulting settings of each head, then Kafka's properties. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (ConfigOption<?> option : OnepassOptions.all()) {
      lines.add(line(option));
    }
    for (HeadSpec head : heads) {
      String name = HEAD + Shown.text(head.name());
      lines.add(name + ".key-dim = " + head.keyDim());
      lines.add(name + ".value-dim = " + head.valueDim());
      lines.add(name + ".scale = " + head.scale());
      lines.add(name + ".state-size = " + ByteSize.format(head.stateSize()));
      if (head.parameters().containsKey(HeavyFamily.SHARE)) {
        lines.add(name + ".heavy.share = " + head.parameters().get(HeavyFamily.SHARE));
        lines.add(name + ".heavy.degree = " + head.parameters().get(HeavyFamily.DEGREE));
      }
      if (head.wide().isOn()) {
        lines.add(name + ".columns = " + head.wide().columns());
        lines.add(name + ".columns.least-variance = " + head.wide().leastVariance());
      }
      Decay decay = head.decay();
      if (decay.isOn()) {
        lines.add(
            decay.byTokens()
                ? "%s.decay.half-life-tokens = %d".formatted(name, decay.halfLife())
                : "%s.decay.half-life = %d ms".formatted(name, decay.halfLife()));
      }
    }
    for (Map.Entry<String, String> given : new TreeMap<>(values.given()).entrySet()) {
      if (given.getKey().startsWith(KAFKA_PROPERTIES)) {
        boolean secret =
            ClientDefinitions.isSecret(given.getKey().substring(KAFKA_PROPERTIES.length()));
        lines.add(
            Shown.name(given.getKey())
                + " = "
                + (secret ? Shown.MASK : Shown.text(given.getValue())));
      }
    }
    return lines;
  }

  private String line(ConfigOption<?> option) {
    if (values.isGiven(option)) {
      return option.key() + " = " + Shown.text(values.given().get(option.key()));
    }
    Object otherwise = option.defaultValue();
    return option.key()
        + (otherwise == null
            ? " is not set"
            : " = %s (default)".formatted(OptionText.value(otherwise)));
  }
}
