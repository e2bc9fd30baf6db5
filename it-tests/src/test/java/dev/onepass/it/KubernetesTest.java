// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.onepass.job.OnepassJob;
import dev.onepass.job.options.FlinkCheck;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OnepassOptions;
import dev.onepass.job.options.OptionsReader;
import dev.onepass.job.options.SettingsReader;
import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Checks docker/kubernetes/onepass.yaml without Kubernetes. It looks for mistakes that have no
 * visible effect, such as a misspelt setting.
 */
class KubernetesTest {

  private static final List<Class<?>> FLINK_OPTIONS =
      List.of(
          CheckpointingOptions.class,
          CoreOptions.class,
          HighAvailabilityOptions.class,
          MetricOptions.class,
          RestartStrategyOptions.class,
          StateBackendOptions.class,
          TaskManagerOptions.class);

  private static JsonNode options;
  private static JsonNode deployment;

  @TempDir private Path directory;

  /** Reads the file; fails if a key occurs twice. */
  @BeforeAll
  static void read() throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    Load load = new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
    try (Reader reader = Files.newBufferedReader(Path.of("../docker/kubernetes/onepass.yaml"))) {
      for (Object document : load.loadAllFromReader(reader)) {
        documents.add(new ObjectMapper().valueToTree(document));
      }
    }
    assertThat(documents)
        .extracting(document -> document.get("kind").textValue())
        .containsExactly("ConfigMap", "FlinkDeployment");
    options = documents.get(0);
    deployment = documents.get(1).get("spec");
  }

  @Test
  void jobAcceptsItsOptions() throws IOException {
    assertThat(settings().guarantee()).isEqualTo(OnepassOptions.Guarantee.EXACTLY_ONCE);
  }

  private JobSettings settings() throws IOException {
    Path file =
        Files.writeString(directory.resolve("job.yaml"), at(options, "/data/job.yaml").textValue());
    return SettingsReader.read(OptionsReader.read(new String[] {"--config", file.toString()}));
  }

  @Test
  void jobAcceptsFlinksSettings() throws IOException {
    Configuration flink = new Configuration();
    at(deployment, "/flinkConfiguration")
        .properties()
        .forEach(setting -> flink.setString(setting.getKey(), setting.getValue().textValue()));

    assertThat(
            FlinkCheck.check(StreamExecutionEnvironment.getExecutionEnvironment(flink), settings()))
        .isEmpty();
    assertThat(flink.get(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER)).isPositive();
  }

  @Test
  void jobStartsWithTheMountedFile() {
    JsonNode container = at(deployment, "/podTemplate/spec/containers/0");
    JsonNode volume = at(deployment, "/podTemplate/spec/volumes/0");
    JsonNode mount = at(container, "/volumeMounts/0");
    assertThat(at(container, "/name").textValue()).isEqualTo("flink-main-container");
    assertThat(at(mount, "/name")).isEqualTo(at(volume, "/name"));
    assertThat(at(volume, "/configMap/name")).isEqualTo(at(options, "/metadata/name"));
    String file =
        at(mount, "/mountPath").textValue() + "/" + options.get("data").fieldNames().next();
    assertThat(at(deployment, "/job/args"))
        .extracting(JsonNode::textValue)
        .containsExactly("--config", file);
    assertThat(at(deployment, "/job/entryClass").textValue()).isEqualTo(OnepassJob.class.getName());
    assertThat(at(deployment, "/job/upgradeMode").textValue()).isEqualTo("savepoint");
  }

  @Test
  void podsHaveNoPrivileges() {
    JsonNode pod = at(deployment, "/podTemplate/spec/securityContext");
    assertThat(at(pod, "/runAsNonRoot").booleanValue()).isTrue();
    assertThat(at(pod, "/runAsUser").intValue()).isPositive();
    assertThat(at(pod, "/seccompProfile/type").textValue()).isEqualTo("RuntimeDefault");
    JsonNode container = at(deployment, "/podTemplate/spec/containers/0/securityContext");
    assertThat(at(container, "/allowPrivilegeEscalation").isBoolean()).isTrue();
    assertThat(at(container, "/allowPrivilegeEscalation").booleanValue()).isFalse();
    assertThat(at(container, "/capabilities/drop"))
        .extracting(JsonNode::textValue)
        .containsExactly("ALL");
  }

  @Test
  void flinkKnowsEverySetting() throws IllegalAccessException {
    Set<String> known = new HashSet<>();
    // These names contain the name of the reporter, so no option class declares them.
    known.add("metrics.reporter.prometheus.factory.class");
    known.add("metrics.reporter.prometheus.port");
    for (Class<?> options : FLINK_OPTIONS) {
      for (Field field : options.getFields()) {
        if (field.getType() == ConfigOption.class) {
          known.add(((ConfigOption<?>) field.get(null)).key());
        }
      }
    }
    JsonNode configuration = at(deployment, "/flinkConfiguration");
    configuration.fieldNames().forEachRemaining(name -> assertThat(known).contains(name));
    assertThat(configuration).allMatch(JsonNode::isTextual, "is text, as the operator wants it");
  }

  private static JsonNode at(JsonNode node, String pointer) {
    JsonNode found = node.at(pointer);
    assertThat(found.isMissingNode()).as(pointer + " is missing").isFalse();
    return found;
  }
}
