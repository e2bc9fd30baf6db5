package dev.onepass.job.options;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
      } else if (i + 1 < args.length && !args[i + 1].startsWith("--")) {
        fromLine.put(arg.substring(2), args[++i]);
      } else {
        problems.add(arg + " has no value: write " + arg + " VALUE");
      }
    }
    Map<String, String> options = new LinkedHashMap<>();
    String file = fromLine.remove("config");
    if (file != null) {
      readFile(file, options, problems);
    }
    if (!problems.isEmpty()) {
      throw new OptionsException(problems);
    }
    options.putAll(fromLine);
    return options;
  }

  private static void readFile(String file, Map<String, String> options, List<String> problems) {
    Load load = new Load(LoadSettings.builder().setLabel(file).build());
    String begin = "--config names the file " + file;
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      Object root = load.loadFromInputStream(in);
      if (root instanceof Map<?, ?> map) {
        flatten("", map, options, problems);
      } else if (root != null) {
        problems.add(begin + ", which is not a map of options: write key: value");
      }
    } catch (NoSuchFileException e) {
      problems.add(begin + ", which is not there; set a path that flink run can read");
    } catch (IOException | YamlEngineException e) {
      problems.add(begin + ", which cannot be read as YAML: " + e.getMessage());
    }
  }

  private static void flatten(
      String prefix, Map<?, ?> map, Map<String, String> options, List<String> problems) {
    map.forEach(
        (key, value) -> {
          String name = prefix + key;
          if (value instanceof Map<?, ?> nested) {
            flatten(name + ".", nested, options, problems);
            return;
          }
          String text = value == null ? null : text(value);
          // YAML itself refuses a key twice, but not once flat and once nested.
          if (text != null && options.putIfAbsent(name, text) != null) {
            problems.add(name + " stands twice in the file; write it once");
          }
        });
  }

  private static String text(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
        : value.toString();
  }
}
