// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A broker and a Flink session cluster as processes, with a client, and the commands with which
 * users deploy the job.
 *
 * @param processes owner of the processes, which ends them with the test class
 */
record ProcessCluster(Processes processes, KafkaProcess kafka, FlinkProcesses flink, Client client)
    implements AutoCloseable {

  /**
   * Starts a broker and a session cluster, and waits until both are ready.
   *
   * @param taskManagers number of task managers, each with two slots
   * @param settings Flink settings, which override those of {@link FlinkProcesses}
   */
  static ProcessCluster start(Processes processes, int taskManagers, Map<String, String> settings)
      throws IOException {
    KafkaProcess kafka = KafkaProcess.start(processes);
    FlinkProcesses flink = FlinkProcesses.session(processes, taskManagers, settings);
    kafka.await();
    return new ProcessCluster(processes, kafka, flink, new Client(kafka.bootstrapServers()));
  }

  /**
   * Writes the job.yaml of a job that uses this broker.
   *
   * @param name name of the file, without its extension
   * @param options options of the job, in addition to brokers and topics
   */
  Path jobFile(String name, Client.Topics topics, Map<String, String> options) throws IOException {
    return JobFile.write(
        processes.data("job").resolve(name + ".yaml"),
        options,
        topics.options(),
        Map.of("kafka.bootstrap.servers", kafka.bootstrapServers()));
  }

  /**
   * Submits the job with {@code flink run}, and waits until all its tasks run.
   *
   * @param jobFile its job.yaml
   * @param arguments arguments of {@code flink run}
   * @return the job's id
   */
  String run(Path jobFile, String... arguments) throws IOException {
    List<String> line = new ArrayList<>(Arrays.asList(arguments));
    line.addAll(List.of(JobFile.JAR.toString(), "--config", jobFile.toString()));
    return flink.run(line.toArray(String[]::new));
  }

  /** Closes the client. The processes end with the test class. */
  @Override
  public void close() {
    client.close();
  }
}
