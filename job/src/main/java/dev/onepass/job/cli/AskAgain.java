// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.cli;

import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.kafka.sink.QueriesAgain;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OptionsException;
import dev.onepass.job.options.OptionsReader;
import dev.onepass.job.options.SettingsReader;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends queries whose answers were lost again: {@code java -cp "onepass-job.jar:$FLINK_HOME/lib/*"
 * dev.onepass.job.cli.AskAgain --config job.yaml --from 0:120,1:98 --to 0:181,1:134}, with the
 * job's own options, while the job runs. Reads each partition of the queries topic from the first
 * offset up to, but not including, the second. Skips queries that have an answer or a dead letter,
 * and queries that an earlier call sent again.
 *
 * <p>{@code --since 2026-01-31T12:00:00Z} reads only answers and dead letters written since then,
 * which is faster if these topics are large.
 */
public final class AskAgain {

  private static final String FROM = "from";
  private static final String TO = "to";
  private static final String SINCE = "since";

  private final Map<String, String> options;
  private final List<String> problems = new ArrayList<>();

  private AskAgain(String[] args) {
    options = new LinkedHashMap<>(OptionsReader.read(args));
  }

  /**
   * Sends the queries, prints the progress, and ends with a line of counts.
   *
   * @throws OptionsException with all problems of the options
   * @throws java.io.IOException if records cannot be read or written
   */
  public static void main(String[] args) throws Exception {
    new AskAgain(args).run();
  }

  private void run() throws Exception {
    Map<Integer, Long> from = offsets(FROM);
    Map<Integer, Long> to = offsets(TO);
    long since = since();
    if (problems.isEmpty()) {
      checkEnds(from, to);
    }
    if (!problems.isEmpty()) {
      throw new OptionsException(problems);
    }
    JobSettings settings = SettingsReader.read(options);
    QueriesAgain.Counts counts =
        new Kafka(settings).queriesAgain(System.out::println).ask(from, to, since);
    System.out.printf(
        "%d queries: %d answered, %d refused, %d asked again before, %d asked again now%n",
        counts.read(), counts.answered(), counts.refused(), counts.askedBefore(), counts.asked());
  }

  private Map<Integer, Long> offsets(String name) {
    Map<Integer, Long> offsets = new LinkedHashMap<>();
    String value = options.remove(name);
    if (value == null) {
      problems.add("%s is missing; set partition:offset,partition:offset".formatted(name));
      return offsets;
    }
    for (String each : value.split(",")) {
      String[] parts = each.strip().split(":", -1);
      try {
        if (parts.length != 2 || Long.parseLong(parts[1]) < 0) {
          throw new NumberFormatException();
        }
        if (offsets.put(Integer.valueOf(parts[0]), Long.valueOf(parts[1])) != null) {
          problems.add("%s: partition %s is listed twice; list it once".formatted(name, parts[0]));
        }
      } catch (NumberFormatException e) {
        problems.add(
            "%s: '%s' is not of the form partition:offset; write for example 0:120"
                .formatted(name, each.strip()));
      }
    }
    return offsets;
  }

  private long since() {
    String value = options.remove(SINCE);
    try {
      return value == null ? 0 : Instant.parse(value).toEpochMilli();
    } catch (DateTimeParseException e) {
      problems.add(
          "%s: '%s' is not a time; write for example 2026-01-31T12:00:00Z".formatted(SINCE, value));
      return 0;
    }
  }

  private void checkEnds(Map<Integer, Long> from, Map<Integer, Long> to) {
    if (!from.keySet().equals(to.keySet())) {
      problems.add("from and to list different partitions; list the same ones in both");
      return;
    }
    from.forEach(
        (partition, begin) -> {
          if (begin > to.get(partition)) {
            problems.add("partition %d: from is greater than to; swap them".formatted(partition));
          }
        });
  }
}
