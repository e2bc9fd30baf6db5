package dev.onepass.demo.run;

import dev.onepass.datasets.minilm.HeadName;
import dev.onepass.datasets.minilm.MiniLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration file that the job is started with, as its users write it. */
public final class JobConfig {
  /** Bytes of the key and the value of a token. */
  public static final int TOKEN_BYTES = 2 * MiniLm.DIM * Float.BYTES;

  private JobConfig() {}

  /**
   * The options as flat keys; what is not named has the job's own default.
   *
   * @param anchors file of the heads' anchor sets; null if there is none
   */
  public static Map<String, String> options(
      DemoOptions options, String bootstrapServers, Path anchors) {
    Map<String, String> job = new LinkedHashMap<>();
    job.put("kafka.bootstrap.servers", bootstrapServers);
    job.put("kafka.delivery-guarantee", "at-least-once");
    job.put("topics.tokens", Topics.TOKENS);
    job.put("topics.queries", Topics.QUERIES);
    job.put("topics.outputs", Topics.OUTPUTS);
    job.put("topics.dead-letters", Topics.DEAD_LETTERS);
    job.put("sketch.type", options.sketch.name());
    job.put("sketch.state-size", size(options.stateSize(TOKEN_BYTES)));
    if (anchors != null) {
      job.put("anchors.file", anchors.toString());
    }
    // A set that came in the middle of the run would make no two runs alike.
    job.put("anchors.learn", "false");
    job.put("as-of.timeout", "10 min");
    // Every query about a long sequence may wait at once, and asks at the end of it besides.
    job.put("as-of.max-waiting", Integer.toString(Math.max(1_024, options.queries)));
    job.put(
        "heads", options.heads().stream().map(HeadName::toString).collect(Collectors.joining(",")));
    for (HeadName head : options.heads()) {
      job.put("head." + head + ".key-dim", Integer.toString(MiniLm.DIM));
      job.put("head." + head + ".value-dim", Integer.toString(MiniLm.DIM));
    }
    return job;
  }

  /** Writes the options as YAML. */
  public static void write(Path file, Map<String, String> options) throws IOException {
    Files.writeString(
        file,
        options.entrySet().stream()
            .map(option -> option.getKey() + ": \"" + option.getValue() + "\"\n")
            .collect(Collectors.joining()));
  }

  private static String size(long bytes) {
    return bytes % 1_024 == 0 ? bytes / 1_024 + "KiB" : bytes + "B";
  }
}
