// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.HEAD;

import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.StateLayout;
import dev.onepass.sketch.sequence.WideKeys;
import dev.onepass.sketch.wire.Preamble;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;

/** Reads the declared heads: options {@code head.NAME.*}, and {@code sketch.*} for the rest. */
final class HeadsReader {

  /** Ends of the names of a head's own options. */
  private static final List<String> OF_A_HEAD =
      List.of(
          "key-dim",
          "value-dim",
          "scale",
          "state-size",
          HeavyFamily.SHARE,
          HeavyFamily.DEGREE,
          WideKeysReader.COLUMNS,
          WideKeysReader.LEAST_VARIANCE,
          DecayReader.HALF_LIFE,
          DecayReader.HALF_LIFE_TOKENS);

  private static final Set<String> FORMS = Set.of("paper", "moments", "outputs", "directions");

  /** The header and one token need about this much. */
  private static final int SMALLEST_STATE = 1024;

  /**
   * A sketch and a pending block are one value of the state backend each. The buffer that holds a
   * value while it is written doubles as it grows, and must stay within the limit of an array.
   */
  private static final int LARGEST_STATE = 512 << 20;

  /** Each head has its own metrics in every subtask. */
  private static final int MOST_HEADS = 1_000;

  /** Larger blocks gain nothing. */
  private static final int LARGEST_CUT = 1 << 20;

  /** Recovery of more entries is no longer sparse. */
  private static final int MOST_RECOVERED = 4_096;

  /** A head's name is part of every key of state, and a label of metrics. */
  private static final int LONGEST_NAME = 256;

  private final OptionValues values;

  HeadsReader(OptionValues values) {
    this.values = values;
  }

  /** Returns the heads. Adds problems to the values. */
  List<HeadSpec> heads() {
    List<String> names =
        Arrays.stream(values.of(OnepassOptions.HEADS).split(",", -1)).map(String::trim).toList();
    if (names.stream().anyMatch(String::isBlank)) {
      values.complain("heads has an empty name; write for example heads: a,b");
    }
    if (new LinkedHashSet<>(names).size() < names.size()) {
      values.complain("heads has duplicate names: " + Shown.text("" + names) + "; write each once");
    }
    if (names.size() > MOST_HEADS) {
      values.complain("heads has %d names; set at most %d".formatted(names.size(), MOST_HEADS));
      return List.of();
    }
    for (String name : names) {
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME
          || name.chars().anyMatch(Character::isISOControl)) {
        values.complain(
            "heads: %s is not a valid name; use at most %d bytes, and no control characters"
                .formatted(Shown.quoted(name), LONGEST_NAME));
      }
    }
    refuseUnknown(names);
    SketchFamily family = family();
    List<HeadSpec> heads = new ArrayList<>();
    for (String name : new LinkedHashSet<>(names)) {
      if (!name.isBlank()) {
        head(name, family, heads);
      }
    }
    return heads;
  }

  private void refuseUnknown(List<String> names) {
    for (String option : values.given().keySet()) {
      if (!option.startsWith(HEAD)) {
        continue;
      }
      String suffix = suffix(option);
      if (suffix == null) {
        values.complain(
            "%s is not an option; write head.NAME. and one of %s"
                .formatted(Shown.name(option), String.join(", ", OF_A_HEAD)));
        continue;
      }
      String name = option.substring(HEAD.length(), option.length() - suffix.length() - 1);
      if (!names.contains(name)) {
        values.complain(
            "%s: head '%s' is not declared; add it to heads"
                .formatted(Shown.name(option), Shown.text(name)));
      }
    }
  }

  /** Returns which option of a head this is; null if it is none. */
  private static String suffix(String option) {
    return OF_A_HEAD.stream()
        .filter(each -> option.endsWith("." + each))
        .filter(each -> option.length() > HEAD.length() + each.length() + 1)
        .findFirst()
        .orElse(null);
  }

  private SketchFamily family() {
    String type = values.of(OnepassOptions.SKETCH_TYPE);
    SketchFamily family = SketchFamilies.byName(type).orElse(null);
    if (family == null) {
      String known =
          SketchFamilies.all().stream().map(SketchFamily::name).collect(Collectors.joining(" or "));
      values.complain("sketch.type: %s is not known; set %s".formatted(Shown.quoted(type), known));
    }
    return family;
  }

  private void head(String name, SketchFamily family, List<HeadSpec> heads) {
    Integer keyDim = dim(name, "key-dim", OnepassOptions.KEY_DIM);
    Integer valueDim =
        isGiven(name, "value-dim", OnepassOptions.VALUE_DIM)
            ? dim(name, "value-dim", OnepassOptions.VALUE_DIM)
            : keyDim;
    Double scale = scale(name);
    Integer stateSize = stateSize(name);
    DecayReader decays = new DecayReader(values, name);
    Decay decay = decays.decay();
    int cutSize = values.whole(OnepassOptions.CUT_SIZE, 0, LARGEST_CUT);
    Long seed = values.of(OnepassOptions.SEED);
    Map<String, String> parameters = parameters();
    SketchFamily withKeys = withHeavyKeys(name, family, parameters);
    WideKeys wide = keyDim == null ? WideKeys.NONE : new WideKeysReader(values, name).wide(keyDim);
    if (family == null || keyDim == null || valueDim == null || stateSize == null) {
      return; // The problem is already listed.
    }
    Optional<String> sizes = StateLayout.complaint(keyDim, valueDim, stateSize, cutSize, decay);
    if (sizes.isPresent()) {
      values.complain(
          "head %s: %s; set a larger sketch.state-size or a smaller sketch.cut-size"
              .formatted(name, sizes.get()));
      return;
    }
    HeadSpec spec =
        new HeadSpec(
            name,
            keyDim,
            valueDim,
            scale == null ? 1 / Math.sqrt(keyDim) : scale,
            stateSize,
            cutSize,
            withKeys,
            seed,
            parameters);
    spec = spec.withDecay(decay).withWideKeys(wide);
    Optional<String> decayComplaint =
        spec.family().decayComplaint(spec.sketchConfig(spec.layout()));
    if (decay.isOn() && decayComplaint.isPresent()) {
      values.complain(
          "head %s: %s, or remove %s".formatted(name, decayComplaint.get(), decays.option()));
      return;
    }
    Optional<String> complaint = spec.complaint();
    if (complaint.isPresent()) {
      values.complain(
          "head %s: %s; set a larger sketch.state-size or another sketch.type%s"
              .formatted(
                  name,
                  complaint.get(),
                  wide.isOn() ? ", or change head.%s.columns".formatted(name) : ""));
      return;
    }
    heads.add(spec);
  }

  /** Returns the options that only some families use. Checks them for every family. */
  private Map<String, String> parameters() {
    Map<String, String> parameters = new HashMap<>();
    for (ConfigOption<?> option : OnepassOptions.all()) {
      if (option.key().startsWith(OnepassOptions.ONEPASS)) {
        put(parameters, option, values.of(option));
      }
    }
    between(
        OnepassOptions.ONEPASS_LOGIT_BOUND,
        x -> x > 0 && x <= 30,
        "above 0 and at most 30",
        parameters);
    between(
        OnepassOptions.ONEPASS_TOLERANCE, x -> x > 0 && x < 1, "above 0 and below 1", parameters);
    between(OnepassOptions.ONEPASS_EPS1, x -> x >= 0 && x <= 1, "from 0 to 1", parameters);
    between(OnepassOptions.ONEPASS_EPS2, x -> x >= 0 && x <= 1, "from 0 to 1", parameters);
    ConfigOption<Integer> recoverK = OnepassOptions.ONEPASS_RECOVER_K;
    put(parameters, recoverK, values.whole(recoverK, 0, MOST_RECOVERED));
    ConfigOption<String> form = OnepassOptions.ONEPASS_FORM;
    put(
        parameters,
        form,
        values.of(form, FORMS::contains, "must be paper, moments, outputs or directions"));
    return parameters;
  }

  /**
   * Adds the parameters of heavy keys, if there are any.
   *
   * @return the family of the head's sequences; null if it is not known
   */
  private SketchFamily withHeavyKeys(
      String head, SketchFamily family, Map<String, String> parameters) {
    String shareOption = values.nameFor(head, "heavy.share", OnepassOptions.HEAVY_SHARE);
    String degreeOption = values.nameFor(head, "heavy.degree", OnepassOptions.HEAVY_DEGREE);
    Double share = values.orDefault(shareOption, OnepassOptions.HEAVY_SHARE);
    Integer degree = values.orDefault(degreeOption, OnepassOptions.HEAVY_DEGREE);
    if (share != null && !(share >= 0 && share <= HeavyFamily.MOST)) {
      values.complain(
          "%s must be from 0 to %s, not %s".formatted(shareOption, HeavyFamily.MOST, share));
      return family;
    }
    if (degree != null && degree != 2 && degree != 4 && degree != 6) {
      values.complain("%s must be 2, 4 or 6, not %d".formatted(degreeOption, degree));
      return family;
    }
    if (family == null || share == null || degree == null || share == 0) {
      return family;
    }
    if (family == ExactFamily.INSTANCE) {
      values.complain(
          "%s has no use with sketch.type exact, which keeps every key; set 0 or another sketch.type"
              .formatted(shareOption));
      return family;
    }
    parameters.put(HeavyFamily.SHARE, share.toString());
    parameters.put(HeavyFamily.DEGREE, degree.toString());
    return SketchFamilies.withHeavyKeys(family);
  }

  private void between(
      ConfigOption<Double> option,
      Predicate<Double> rule,
      String range,
      Map<String, String> parameters) {
    put(parameters, option, values.of(option, rule, "must be " + range));
  }

  private static void put(Map<String, String> parameters, ConfigOption<?> option, Object value) {
    if (value == null) {
      parameters.remove(option.key());
    } else {
      parameters.put(option.key(), value.toString());
    }
  }

  private boolean isGiven(String head, String name, ConfigOption<?> common) {
    return values.isGiven(HEAD + head + "." + name) || values.isGiven(common);
  }

  private Integer dim(String head, String name, ConfigOption<Integer> common) {
    if (!isGiven(head, name, common)) {
      values.complainMissing(
          common,
          "set the length of keys, or set %s%s.%s for this head only".formatted(HEAD, head, name));
      return null;
    }
    String option = values.nameFor(head, name, common);
    Integer dim = values.orDefault(option, common);
    if (dim != null && (dim < 1 || dim > Preamble.MAX_DIM)) {
      values.complain("%s must be from 1 to %d, not %d".formatted(option, Preamble.MAX_DIM, dim));
      return null;
    }
    return dim;
  }

  private Double scale(String head) {
    String option = values.nameFor(head, "scale", OnepassOptions.SCALE);
    Double scale = values.orDefault(option, OnepassOptions.SCALE);
    if (scale != null && (scale == 0 || Math.abs(scale) > HeadSpec.LARGEST_SCALE)) {
      values.complain(
          "%s must be finite and not 0, with a magnitude of at most %s, not %s"
              .formatted(option, HeadSpec.LARGEST_SCALE, scale));
      return null;
    }
    return scale;
  }

  private Integer stateSize(String head) {
    String option = values.nameFor(head, "state-size", OnepassOptions.STATE_SIZE);
    long bytes = values.orDefault(option, OnepassOptions.STATE_SIZE).getBytes();
    if (bytes < SMALLEST_STATE || bytes > LARGEST_STATE) {
      values.complain(
          "%s must be from %s to %s, not %s"
              .formatted(
                  option,
                  ByteSize.format(SMALLEST_STATE),
                  ByteSize.format(LARGEST_STATE),
                  ByteSize.format(bytes)));
      return null;
    }
    return (int) bytes;
  }
}
