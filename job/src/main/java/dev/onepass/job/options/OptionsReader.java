// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code --config FILE} and {@code --key value} (or {@code --key=value}) into a flat map. The
 * command line overrides the file.
 */
public final class OptionsReader {

  private static final String CONFIG = "config";

  private final String[] args;
  private final Map<String, String> fromLine = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  private OptionsReader(String[] args) {
    this.args = args;
  }

  /**
   * Reads the command line and the file that it names. Values stay as they are written; a missing
   * value is empty text.
   *
   * @throws OptionsException if an argument has no value or is given twice, or the file cannot be
   *     read
   */
  public static Map<String, String> read(String[] args) {
    return new OptionsReader(args).read();
  }

  private Map<String, String> read() {
    readLine();
    Map<String, String> options = new LinkedHashMap<>();
    String file = fromLine.remove(CONFIG);
    if (file != null) {
      options.putAll(YamlFile.read(file, problems));
    }
    if (!problems.isEmpty()) {
      throw new OptionsException(problems);
    }
    options.putAll(fromLine);
    return options;
  }

  private void readLine() {
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--") || arg.length() == 2 || equals == 2) {
        problems.add(
            "argument %d is not an option; write --key value, and quote values that contain spaces"
                .formatted(i + 1));
      } else if (equals > 0) {
        put(arg.substring(2, equals), arg.substring(equals + 1));
      } else if (i + 1 < args.length && !args[i + 1].startsWith("--")) {
        put(arg.substring(2), args[++i]);
      } else {
        problems.add(withoutValue(arg, i + 1));
      }
    }
  }

  /** Returns the problem. Repeats the argument only if it is a known option: it may be a secret. */
  private static String withoutValue(String arg, int place) {
    String name = arg.substring(2);
    boolean known = OnepassOptions.isKnown(name) && Shown.name(name).equals(name);
    return name.equals(CONFIG) || known
        ? "%s has no value; write %s VALUE, or %s=VALUE if the value begins with --"
            .formatted(arg, arg, arg)
        : "argument %d has no value; write --key VALUE".formatted(place);
  }

  private void put(String name, String value) {
    if (fromLine.putIfAbsent(name, value) != null) {
      problems.add("%s is on the command line twice; write it once".formatted(Shown.name(name)));
    }
  }
}
