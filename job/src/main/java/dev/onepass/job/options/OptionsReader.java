package dev.onepass.job.options;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads {@code --config FILE} and {@code --key value} (or {@code --key=value}) into a flat map.
 * What stands on the command line wins over the file.
 */
public final class OptionsReader {

  private OptionsReader() {}

  /**
   * Reads the command line and the file that it names.
   *
   * @throws OptionsException if an argument has no value or the file cannot be read
   */
  public static Map<String, String> read(String[] args) {
    Map<String, String> fromLine = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--")) {
        problems.add("'" + arg + "' is no option: write --key value");
      } else if (equals > 0) {
        fromLine.put(arg.substring(2, equals), arg.substring(equals + 1));
      } else if (i + 1 < args.length) {
        fromLine.put(arg.substring(2), args[++i]);
      } else {
        problems.add(arg + " has no value: write " + arg + " VALUE");
      }
    }
    Map<String, String> options = new LinkedHashMap<>();
    String file = fromLine.remove("config");
    if (file != null) {
      try {
        options.putAll(readFile(Path.of(file)));
      } catch (IOException | YamlEngineException | ClassCastException e) {
        problems.add(
            "--config names the file %s, which cannot be read as YAML: %s"
                .formatted(file, e.getMessage() == null ? e.toString() : e.getMessage()));
      }
    }
    if (!problems.isEmpty()) {
      throw new OptionsException(problems);
    }
    options.putAll(fromLine);
    return options;
  }

  private static Map<String, String> readFile(Path file) throws IOException {
    Load load = new Load(LoadSettings.builder().setLabel(file.toString()).build());
    Map<String, String> options = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(file)) {
      Object root = load.loadFromInputStream(in);
      if (root != null) {
        flatten("", (Map<?, ?>) root, options);
      }
    }
    return options;
  }

  private static void flatten(String prefix, Map<?, ?> map, Map<String, String> options) {
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            flatten(prefix + key + ".", nested, options);
          } else if (value instanceof List<?> list) {
            options.put(
                prefix + key, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
          } else if (value != null) {
            options.put(prefix + key, value.toString());
          }
        });
  }
}
