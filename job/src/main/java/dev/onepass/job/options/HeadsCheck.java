package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.HEAD;

import dev.onepass.sketch.SketchConfig;
import dev.onepass.sketch.SketchFamilies;
import dev.onepass.sketch.SketchFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;

/** The declared heads, each with what it sets for itself and what it has from {@code sketch.*}. */
final class HeadsCheck {

  private static final Set<String> OF_A_HEAD =
      Set.of("key-dim", "value-dim", "scale", "state-size");

  /** Less than this and header and one token leave no room. */
  private static final int SMALLEST_STATE = 1024;

  private final OptionValues values;

  HeadsCheck(OptionValues values) {
    this.values = values;
  }

  /** The heads; what is wrong with them is in the problems of the values. */
  List<HeadSpec> heads() {
    List<String> names =
        Arrays.stream(values.of(OnepassOptions.HEADS).split(",", -1)).map(String::trim).toList();
    if (names.stream().anyMatch(String::isBlank)) {
      values.complain("heads names a head without a name; write for example heads: a,b");
    }
    if (new LinkedHashSet<>(names).size() < names.size()) {
      values.complain("heads names a head twice: " + names + "; write each once");
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
      int dot = option.lastIndexOf('.');
      if (dot <= HEAD.length() || !OF_A_HEAD.contains(option.substring(dot + 1))) {
        values.complain(
            option
                + " is not an option; write head.NAME. and then key-dim, value-dim, scale or state-size");
      } else if (!names.contains(option.substring(HEAD.length(), dot))) {
        values.complain(
            "%s: head '%s' is not declared; add it to heads"
                .formatted(option, option.substring(HEAD.length(), dot)));
      }
    }
  }

  private SketchFamily family() {
    String type = values.of(OnepassOptions.SKETCH_TYPE);
    SketchFamily family = SketchFamilies.byName(type).orElse(null);
    if (family == null) {
      String known =
          SketchFamilies.all().stream().map(SketchFamily::name).collect(Collectors.joining(" or "));
      values.complain("sketch.type: '%s' is not known; set %s".formatted(type, known));
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
    Integer cutSize = values.of(OnepassOptions.CUT_SIZE, n -> n >= 0, "must be 0 or more");
    Long seed = values.of(OnepassOptions.SEED);
    Map<String, String> parameters = new HashMap<>();
    for (ConfigOption<?> option : OnepassOptions.all()) {
      Object value = option.key().startsWith(OnepassOptions.ONEPASS) ? values.of(option) : null;
      if (value != null) {
        parameters.put(option.key(), value.toString());
      }
    }
    if (family == null || keyDim == null || valueDim == null || stateSize == null) {
      return; // and that has been complained about
    }
    try {
      HeadSpec spec =
          new HeadSpec(
              name,
              keyDim,
              valueDim,
              scale == null ? 1 / Math.sqrt(keyDim) : scale,
              stateSize,
              cutSize,
              family,
              seed,
              parameters);
      spec.check();
      heads.add(spec);
    } catch (IllegalArgumentException e) {
      values.complain("head " + name + ": " + e.getMessage());
    }
  }

  private boolean isGiven(String head, String name, ConfigOption<?> common) {
    return values.given().containsKey(HEAD + head + "." + name) || values.isGiven(common);
  }

  private Integer dim(String head, String name, ConfigOption<Integer> common) {
    String option = HEAD + head + "." + name;
    String text = values.given().get(option);
    Integer dim;
    if (!isGiven(head, name, common)) {
      values.complain(
          "%s is missing: set the length of keys, or %s for this head alone"
              .formatted(common.key(), option));
      return null;
    } else if (text == null) {
      option = common.key();
      dim = values.of(common);
    } else {
      try {
        dim = Integer.valueOf(text.trim());
      } catch (NumberFormatException e) {
        values.complain(option + " must be a whole number, not '" + text + "'");
        return null;
      }
    }
    if (dim != null && (dim < 1 || dim > SketchConfig.MAX_DIM)) {
      values.complain("%s must lie in 1..%d, not %d".formatted(option, SketchConfig.MAX_DIM, dim));
      return null;
    }
    return dim;
  }

  private Double scale(String head) {
    String option = HEAD + head + ".scale";
    String text = values.given().get(option);
    Double scale;
    if (text == null) {
      option = OnepassOptions.SCALE.key();
      scale = values.of(OnepassOptions.SCALE);
    } else {
      try {
        scale = Double.valueOf(text.trim());
      } catch (NumberFormatException e) {
        values.complain(option + " must be a number, not '" + text + "'");
        return null;
      }
    }
    if (scale != null && (scale == 0 || !Double.isFinite(scale))) {
      values.complain(option + " must be finite and not 0, not " + scale);
      return null;
    }
    return scale;
  }

  private Integer stateSize(String head) {
    String option = HEAD + head + ".state-size";
    String text = values.given().get(option);
    if (text == null) {
      option = OnepassOptions.STATE_SIZE.key();
      text = values.of(OnepassOptions.STATE_SIZE);
    }
    try {
      int bytes = ByteSize.parse(text);
      if (bytes >= SMALLEST_STATE) {
        return bytes;
      }
      values.complain("%s: '%s' is too little; set at least 1KiB".formatted(option, text));
    } catch (IllegalArgumentException e) {
      values.complain(option + ": " + e.getMessage());
    }
    return null;
  }
}
