// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class FlinkCheckTest {

  private static final String[] EXACTLY_ONCE = {
    "kafka.delivery-guarantee", "exactly-once", "kafka.transactional-id-prefix", "p"
  };

  private static Map<String, String> pairs(String... pairs) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /** Returns settings with checkpoints at this interval and a directory. */
  private static Map<String, String> checkpoints(String interval, String... more) {
    Map<String, String> flink = pairs(more);
    flink.put("execution.checkpointing.interval", interval);
    flink.putIfAbsent("execution.checkpointing.dir", "file:///checkpoints");
    return flink;
  }

  /** Returns the warnings for a job with these options. */
  private static List<String> warnings(Map<String, String> flink, String... options) {
    Map<String, String> all = pairs(options);
    all.put("kafka.bootstrap.servers", "localhost:1");
    all.put("sketch.key-dim", "4");
    return FlinkCheck.check(
        StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(flink)),
        SettingsReader.read(all));
  }

  /** Returns the problems for a job with these options. */
  private static List<String> problems(Map<String, String> flink, String... options) {
    OptionsException refusal =
        catchThrowableOfType(OptionsException.class, () -> warnings(flink, options));
    return refusal == null
        ? List.of()
        : refusal.getMessage().lines().skip(1).map(line -> line.substring(4)).toList();
  }

  @Test
  void usualSettingsAreAccepted() {
    assertThat(problems(pairs())).isEmpty();
    Map<String, String> usual =
        checkpoints(
            "10s",
            "execution.checkpointing.incremental",
            "true",
            "execution.checkpointing.mode",
            "EXACTLY_ONCE",
            "execution.checkpointing.unaligned.enabled",
            "true",
            "execution.runtime-mode",
            "AUTOMATIC",
            "parallelism.default",
            "1024",
            "pipeline.max-parallelism",
            "1024",
            "pipeline.object-reuse",
            "true");
    assertThat(problems(usual)).isEmpty();
    assertThat(problems(usual, EXACTLY_ONCE)).isEmpty();
    assertThat(problems(usual, "order.mode", "event-time")).isEmpty();
    assertThat(warnings(usual)).isEmpty();
    assertThat(warnings(usual, EXACTLY_ONCE)).isEmpty();
  }

  @Test
  void checkpointsThatCountTwiceAreRefused() {
    assertThat(problems(checkpoints("10s", "execution.checkpointing.mode", "AT_LEAST_ONCE")))
        .singleElement()
        .asString()
        .startsWith("execution.checkpointing.mode is AT_LEAST_ONCE")
        .contains("set EXACTLY_ONCE");
    assertThat(problems(pairs("execution.checkpointing.mode", "AT_LEAST_ONCE")))
        .as("a savepoint of a job without checkpoints counts, too")
        .hasSize(1);
  }

  @Test
  void transactionsOutliveACheckpoint() {
    assertThat(problems(checkpoints("6min"), EXACTLY_ONCE))
        .singleElement()
        .asString()
        .startsWith(
            "kafka.transaction-timeout is 15 min, but a transaction may stay open for 16 min ")
        .contains("set kafka.transaction-timeout to 16 min or more");
    assertThat(problems(checkpoints("5min"), EXACTLY_ONCE)).isEmpty();
    assertThat(problems(checkpoints("6min"))).isEmpty();
    assertThat(problems(checkpoints("10s", "execution.checkpointing.timeout", "1h"), EXACTLY_ONCE))
        .hasSize(1);
    assertThat(
            problems(checkpoints("10s", "execution.checkpointing.min-pause", "6min"), EXACTLY_ONCE))
        .hasSize(1);
    assertThat(problems(pairs(), EXACTLY_ONCE))
        .singleElement()
        .asString()
        .contains("checkpoints are off");
  }

  @Test
  void manyFailuresInARowOutliveATransaction() {
    Map<String, String> many =
        checkpoints("10s", "execution.checkpointing.tolerable-failed-checkpoints", "100");
    assertThat(warnings(many)).isEmpty();
    assertThat(warnings(many, EXACTLY_ONCE))
        .singleElement()
        .asString()
        .startsWith(
            "execution.checkpointing.tolerable-failed-checkpoints is 100, so a transaction may stay open for 61610 s, but kafka.transaction-timeout is 15 min. ")
        .contains("Set at most 0, or a shorter execution.checkpointing.timeout");
    many.put("execution.checkpointing.tolerable-failed-checkpoints", "2147483647");
    assertThat(warnings(many, EXACTLY_ONCE)).hasSize(1);
    many.put("execution.checkpointing.timeout", "2min");
    many.put("execution.checkpointing.tolerable-failed-checkpoints", "5");
    assertThat(warnings(many, EXACTLY_ONCE)).isEmpty();
  }

  @Test
  void checkpointsNeedADirectory() {
    Map<String, String> nowhere = pairs("execution.checkpointing.interval", "10s");
    assertThat(problems(nowhere))
        .singleElement()
        .asString()
        .startsWith("execution.checkpointing.dir is missing, so ")
        .contains("-Dexecution.checkpointing.dir=s3://");
    nowhere.put("execution.checkpointing.storage", "filesystem");
    assertThat(problems(nowhere)).hasSize(1);
    nowhere.put("execution.checkpointing.storage", "jobmanager");
    assertThat(warnings(nowhere))
        .singleElement()
        .asString()
        .startsWith("execution.checkpointing.storage is jobmanager. ");
    nowhere.put("execution.checkpointing.storage", "org.example.OwnStorageFactory");
    assertThat(warnings(nowhere)).isEmpty();
    assertThat(warnings(pairs()))
        .singleElement()
        .asString()
        .startsWith("Checkpoints are off. After a failure ");
  }

  @Test
  void settingsThatDoNotFitTheTopologyAreRefused() {
    assertThat(problems(pairs("execution.runtime-mode", "BATCH")))
        .singleElement()
        .asString()
        .startsWith("execution.runtime-mode is BATCH")
        .contains("set STREAMING");
    assertThat(problems(pairs("parallelism.default", "1025")))
        .containsExactly(
            "parallelism.default is 1025, but the job has 1024 key groups; set at most 1024");
    assertThat(problems(pairs("pipeline.max-parallelism", "128")))
        .containsExactly(
            "pipeline.max-parallelism is 128, but the job always has 1024 key groups; remove it");
    Map<String, String> noWatermarks = pairs("pipeline.auto-watermark-interval", "0");
    assertThat(problems(noWatermarks)).isEmpty();
    assertThat(problems(noWatermarks, "order.mode", "event-time"))
        .singleElement()
        .asString()
        .startsWith("pipeline.auto-watermark-interval is 0");
  }

  @Test
  void allProblemsAreListedAtOnce() {
    assertThat(
            problems(
                pairs(
                    "execution.runtime-mode", "BATCH",
                    "pipeline.max-parallelism", "7",
                    "execution.checkpointing.mode", "AT_LEAST_ONCE",
                    "parallelism.default", "2000"),
                EXACTLY_ONCE))
        .hasSize(5);
  }
}
