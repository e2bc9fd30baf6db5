package dev.onepass.job.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code --config FILE} and {@code --key value} (or {@code --key=value}) into a flat map.
 * What stands on the command line wins over the file.
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
   * Reads the command line and the file that it names. Values are as they are written; one that is
   * not there is empty text.
   *
   * @throws OptionsException if an argument has no value or stands twice, or the file cannot be
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
            "argument %d is no option: write --key value, and quote values that have spaces"
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

  /** What begins with two dashes may be a lost value too, so it is only repeated if it is known. */
  private static String withoutValue(String arg, int place) {
    String name = arg.substring(2);
    boolean known = OnepassOptions.isKnown(name) && Shown.name(name).equals(name);
    return name.equals(CONFIG) || known
        ? "%s has no value: write %s VALUE, or %s=VALUE where it begins with --"
            .formatted(arg, arg, arg)
        : "argument %d has no value: write --key VALUE".formatted(place);
  }

  private void put(String name, String value) {
    if (fromLine.putIfAbsent(name, value) != null) {
      problems.add(
          "%s stands twice on the command line; write it once".formatted(Shown.name(name)));
    }
  }
}
