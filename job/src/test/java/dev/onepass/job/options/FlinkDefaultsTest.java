// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class FlinkDefaultsTest {

  private static final String TOLERABLE = "execution.checkpointing.tolerable-failed-checkpoints";

  private static JobSettings job(String... options) {
    Map<String, String> all = new HashMap<>();
    all.put("kafka.bootstrap.servers", "localhost:1");
    all.put("sketch.key-dim", "4");
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    return SettingsReader.read(all);
  }

  private static StreamExecutionEnvironment flink(String... settings) {
    Map<String, String> all = new HashMap<>();
    all.put("execution.checkpointing.interval", "10s");
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(all));
  }

  private static JobSettings exactlyOnce(String transactionTimeout) {
    return job(
        "kafka.delivery-guarantee", "exactly-once",
        "kafka.transactional-id-prefix", "p",
        "kafka.transaction-timeout", transactionTimeout);
  }

  private static int tolerable(StreamExecutionEnvironment flink, JobSettings job) {
    FlinkDefaults.apply(flink, job);
    return flink.getCheckpointConfig().getTolerableCheckpointFailureNumber();
  }

  @Test
  void aFailedCheckpointDoesNotRestartTheJob() {
    StreamExecutionEnvironment flink = flink();
    assertThat(FlinkDefaults.apply(flink, job())).containsExactly(TOLERABLE + " = 100 (default)");
    assertThat(flink.getCheckpointConfig().getTolerableCheckpointFailureNumber()).isEqualTo(100);
  }

  @Test
  void settingsOfTheUserStay() {
    for (String number : List.of("0", "3", "2147483647")) {
      StreamExecutionEnvironment flink = flink(TOLERABLE, number);
      assertThat(FlinkDefaults.apply(flink, job())).containsExactly(TOLERABLE + " = " + number);
      assertThat(flink.getCheckpointConfig().getTolerableCheckpointFailureNumber())
          .isEqualTo(Integer.parseInt(number));
    }
    StreamExecutionEnvironment inCode = flink();
    inCode.getCheckpointConfig().setTolerableCheckpointFailureNumber(0);
    assertThat(FlinkDefaults.apply(inCode, job())).containsExactly(TOLERABLE + " = 0");
    assertThat(inCode.getCheckpointConfig().getTolerableCheckpointFailureNumber()).isZero();
  }

  @Test
  void exactlyOnceCommitsBeforeBrokersAbort() {
    assertThat(tolerable(flink(), exactlyOnce("15 min"))).as("one attempt of 610 s").isZero();
    assertThat(tolerable(flink(), exactlyOnce("1 h"))).as("five attempts").isEqualTo(4);
    StreamExecutionEnvironment quick = flink("execution.checkpointing.timeout", "2min");
    assertThat(tolerable(quick, exactlyOnce("15 min"))).as("six of 130 s").isEqualTo(5);
    assertThat(tolerable(flink("execution.checkpointing.timeout", "1s"), exactlyOnce("1 d")))
        .isEqualTo(100);
    StreamExecutionEnvironment paused =
        flink("execution.checkpointing.timeout", "2min", "execution.checkpointing.min-pause", "1h");
    assertThat(tolerable(paused, exactlyOnce("1 h"))).as("refused anyway").isZero();
  }

  @Test
  void withoutCheckpointsNothingIsSet() {
    assertThat(
            FlinkDefaults.apply(
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration()), job()))
        .isEmpty();
  }
}
