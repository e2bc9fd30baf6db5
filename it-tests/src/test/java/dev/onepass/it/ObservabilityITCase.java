// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.ports.Ports;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Checks that a cluster with the job reports every metric and every label that the dashboard and
 * the alerts in docker/ use.
 */
@Timeout(180)
class ObservabilityITCase {

  private static final Path DOCKER = Path.of("../docker");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ONEPASS = "flink_taskmanager_job_task_operator_onepass_";
  private static final int TOKENS = 600;

  private static final Pattern STRINGS = Pattern.compile("\"[^\"]*\"");
  private static final Pattern RANGES = Pattern.compile("\\[[^]]*]");
  private static final Pattern LABELS =
      Pattern.compile("\\{([^}]*)}|\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
  private static final Pattern NAME = Pattern.compile("(?<![\\w.])[a-zA-Z_:][\\w:]*+");
  private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset");
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @Test
  void everyUsedMetricAndLabelIsReported() throws Exception {
    Set<String> expressions = new TreeSet<>();
    collect(
        Records.parse(Files.readAllBytes(DOCKER.resolve("grafana/dashboards/onepass.json"))),
        expressions);
    collect(yaml(DOCKER.resolve("prometheus/alerts.yml")), expressions);
    assertThat(expressions).hasSizeGreaterThan(40);
    int[] ports = Ports.free(2);
    Map<String, String> settings =
        Map.of(
            "metrics.reporters",
            "prometheus",
            "metrics.reporter.prometheus.factory.class",
            "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
            "metrics.reporter.prometheus.port",
            ports[0] + "," + ports[1]);
    try (ProcessCluster cluster = ProcessCluster.start(PROCESSES, 1, settings)) {
      feed(cluster);

      Awaitility.await("a completed checkpoint, and all metrics")
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(() -> check(expressions, scrape(ports)));
    }
  }

  /**
   * Sends records that cause folds, a duplicate, an answer with a measured error, a dead letter for
   * a bad token, and one for a late token.
   */
  private static void feed(ProcessCluster cluster) throws Exception {
    Client client = cluster.client();
    Client.Topics topics = client.createTopics("observed", Map.of());
    Path options =
        cluster.jobFile(
            "observed",
            topics,
            Map.of(
                "sketch.type", "ridge",
                "sketch.key-dim", "4",
                "sketch.value-dim", "2",
                "sketch.state-size", "4KiB",
                "shadow.one-in", "1",
                "order.mode", "event-time",
                "order.idleness", "5 s"));
    cluster.run(options, "-p", "2");
    Vectors vectors = new Vectors("s", TOKENS, 4, 2, 0.5, 3);
    for (int j = 0; j < TOKENS; j++) {
      client.sendToken(topics, vectors, j);
    }
    client.sendToken(topics, vectors, 0);
    client.send(topics.tokens(), Records.bytes("s"), Records.bytes("no token"));
    byte[] query = Records.bytes(Records.query("q", TOKENS, vectors.key(0), vectors.key(1)));
    client.send(topics.queries(), Records.bytes("s"), query);
    client.flush();
    assertThat(client.read(topics.outputs(), PATIENCE, answers -> !answers.isEmpty())).hasSize(1);
    byte[] late = Records.bytes(Records.token(vectors, TOKENS - 1));
    client.send(new ProducerRecord<>(topics.tokens(), 0, 1_000L, Records.bytes("s"), late));
    client.flush();
    assertThat(client.read(topics.deadLetters(), PATIENCE, letters -> letters.size() == 2))
        .hasSize(2);
  }

  private static void check(Set<String> expressions, Map<String, Sample> samples) {
    for (String expression : expressions) {
      for (String metric : metrics(expression)) {
        assertThat(samples).as(expression).containsKey(metric);
        assertThat(samples.get(metric).labels).as(expression).containsAll(labels(expression));
      }
    }
    Map<String, Double> due = new HashMap<>();
    due.put("tokens", (double) TOKENS);
    due.put("duplicates", 1.0);
    due.put("queryVectors", 2.0);
    due.put("deadLetters", 2.0);
    due.put("late", 1.0);
    due.put("head_sequences", 1.0);
    due.put("head_exactSequences", 0.0);
    due.put("head_trueErrorPpm_count", 2.0);
    due.forEach((name, sum) -> assertThat(samples.get(ONEPASS + name).sum).as(name).isEqualTo(sum));
  }

  @Test
  void namesAreFoundInExpressions() {
    String expression =
        "max by (head) (rate(a_b:c{q=\"x y\",le=~\"0.5\"}[5m])) > 0.25 * sum(d1 + on (e) f) or absent(g) < 1e6";

    assertThat(metrics(expression)).containsExactly("a_b:c", "d1", "f", "g");
    assertThat(labels(expression)).containsExactly("e", "head", "le", "q");
  }

  private static Set<String> metrics(String expression) {
    String bare = STRINGS.matcher(expression).replaceAll("");
    bare = LABELS.matcher(RANGES.matcher(bare).replaceAll("")).replaceAll(" ");
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(bare);
    while (name.find()) {
      if (!bare.substring(name.end()).stripLeading().startsWith("(")
          && !WORDS.contains(name.group())) {
        names.add(name.group());
      }
    }
    return names;
  }

  private static Set<String> labels(String expression) {
    Set<String> names = new TreeSet<>();
    Matcher labels = LABELS.matcher(STRINGS.matcher(expression).replaceAll(""));
    while (labels.find()) {
      String list = labels.group(1) != null ? labels.group(1) : labels.group(2);
      for (String label : list.split(",")) {
        names.add(label.replaceAll("[=!~]+.*", "").strip());
      }
    }
    return names;
  }

  /** All samples of one metric: the union of their labels and the sum of their values. */
  private static final class Sample {
    private final Set<String> labels = new TreeSet<>();
    private double sum;
  }

  /** Returns the metrics of all processes by name. */
  private static Map<String, Sample> scrape(int[] ports) throws Exception {
    Map<String, Sample> samples = new TreeMap<>();
    for (int port : ports) {
      URI page = URI.create("http://%s:%d/metrics".formatted(Ports.HOST, port));
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build(),
                  HttpResponse.BodyHandlers.ofString());
      for (String line : response.body().lines().toList()) {
        Matcher sample = SAMPLE.matcher(line);
        if (sample.matches()) {
          Sample all = samples.computeIfAbsent(sample.group(1), name -> new Sample());
          all.sum += Double.parseDouble(sample.group(3));
          Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
          while (label.find()) {
            all.labels.add(label.group(1));
          }
        }
      }
    }
    return samples;
  }

  private static void collect(JsonNode node, Set<String> expressions) {
    if (node.path("expr").isTextual()) {
      expressions.add(node.get("expr").textValue());
    }
    node.forEach(child -> collect(child, expressions));
  }

  private static JsonNode yaml(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      return Records.JSON.valueToTree(
          new Load(LoadSettings.builder().build()).loadFromReader(reader));
    }
  }
}
