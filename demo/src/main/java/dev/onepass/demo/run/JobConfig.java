// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.datasets.models.HeadName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration file of the job, as a user would write it. */
public final class JobConfig {
  /** Bytes of the key and the value of a token. */
  public static final int TOKEN_BYTES = 2 * Extraction.MODEL.dim() * Float.BYTES;

  private JobConfig() {}

  /**
   * Returns the options as flat keys. All other options have the job's defaults.
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
    if (options.decay.isOn()) {
      if (options.decay.byTokens()) {
        job.put("decay.half-life-tokens", Long.toString(options.decay.halfLife()));
      } else {
        job.put("decay.half-life", options.decay.halfLife() + " ms");
      }
    }
    // A set that arrived during the run would make runs differ.
    job.put("anchors.learn", "false");
    job.put("as-of.timeout", "10 min");
    // All queries about a long sequence may wait at the same time.
    job.put("as-of.max-waiting", Integer.toString(Math.max(1_024, options.queries)));
    job.put(
        "heads", options.heads().stream().map(HeadName::toString).collect(Collectors.joining(",")));
    for (HeadName head : options.heads()) {
      job.put("head." + head + ".key-dim", Integer.toString(Extraction.MODEL.dim()));
      job.put("head." + head + ".value-dim", Integer.toString(Extraction.MODEL.dim()));
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
