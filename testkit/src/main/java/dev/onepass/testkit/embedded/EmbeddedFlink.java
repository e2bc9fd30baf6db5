// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.embedded;

import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.PackagedProgramUtils;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/**
 * A Flink cluster in this JVM, with state in RocksDB and with checkpoints. A job comes from a jar
 * and has a separate class loader, as on a real cluster.
 */
public final class EmbeddedFlink implements AutoCloseable {
  private static final long CLOSE_SECONDS = 20;

  private final MiniCluster cluster;
  private final Configuration configuration;
  private final int parallelism;

  private EmbeddedFlink(MiniCluster cluster, Configuration configuration, int parallelism) {
    this.cluster = cluster;
    this.configuration = configuration;
    this.parallelism = parallelism;
  }

  /**
   * Starts a cluster of one task manager.
   *
   * @param directory for state, checkpoints and temporary files; left in place on close
   * @param parallelism of the jobs, and slots of the task manager
   * @param uiPort port of the REST interface and the web interface on localhost, or 0 for any free
   *     port
   * @param settings Flink options that override the defaults set here
   * @throws IOException if the port is taken or the cluster does not start
   */
  public static EmbeddedFlink start(
      Path directory, int parallelism, int uiPort, Configuration settings) throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(RocksDBOptions.LOCAL_DIRECTORIES, directory.resolve("rocksdb").toString());
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        directory.resolve("checkpoints").toUri().toString());
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(5));
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(CoreOptions.TMP_DIRS, temporary.toString());
    configuration.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    // Kafka's client threads may outlive a job for a moment; the check would only print warnings.
    configuration.set(CoreOptions.CHECK_LEAKED_CLASSLOADER, false);
    // A failure must end the job, not restart it.
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(256));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
    configuration.set(RestOptions.ADDRESS, "localhost");
    configuration.set(RestOptions.BIND_ADDRESS, "localhost");
    configuration.set(RestOptions.PORT, Ports.check(uiPort));
    configuration.set(RestOptions.BIND_PORT, Integer.toString(configuration.get(RestOptions.PORT)));
    configuration.set(WebOptions.SUBMIT_ENABLE, false);
    configuration.set(WebOptions.TMP_DIR, temporary.toString());
    configuration.addAll(settings);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(parallelism)
                .build());
    try {
      cluster.start();
    } catch (Exception e) {
      closeInBackground(cluster);
      throw new IOException("the Flink cluster failed to start: " + FlinkJob.rootCause(e), e);
    }
    return new EmbeddedFlink(cluster, configuration, parallelism);
  }

  // The future is not needed: the caller learns that the start failed, and why.
  @SuppressWarnings("FutureReturnValueIgnored")
  private static void closeInBackground(MiniCluster cluster) {
    cluster.closeAsync();
  }

  /**
   * Submits a job as {@code flink run} does: the main class of the jar builds the job, and its
   * classes come only from the jar.
   *
   * @param jar the job with its dependencies other than Flink
   * @param arguments arguments of its main method
   * @return the running job
   * @throws IOException if its main method fails or the cluster rejects the job; the message has
   *     the root cause
   */
  public FlinkJob submit(Path jar, String... arguments) throws IOException {
    return submit(jar, parallelism, SavepointRestoreSettings.none(), arguments);
  }

  /**
   * Submits a job as {@code flink run -p PARALLELISM -s SAVEPOINT} does.
   *
   * @param jar the job with its dependencies other than Flink
   * @param parallelism parallelism of its operators, at most the slots of the cluster
   * @param savepoint the savepoint or checkpoint to restore
   * @param arguments arguments of its main method
   * @return the running job
   * @throws IOException if its main method fails or the cluster rejects the job; the message has
   *     the root cause
   */
  public FlinkJob submit(
      Path jar, int parallelism, SavepointRestoreSettings savepoint, String... arguments)
      throws IOException {
    JobGraph graph;
    try (PackagedProgram program =
        PackagedProgram.newBuilder()
            .setJarFile(jar.toFile())
            .setArguments(arguments)
            .setConfiguration(configuration)
            .setSavepointRestoreSettings(savepoint)
            .build()) {
      graph = PackagedProgramUtils.createJobGraph(program, configuration, parallelism, true);
    } catch (ProgramInvocationException e) {
      throw new IOException("the job's main method failed: " + FlinkJob.rootCause(e), e);
    }
    return submit(graph);
  }

  /**
   * Submits a job whose classes are on the class path.
   *
   * @param graph the job
   * @return the running job
   * @throws IOException if the cluster rejects the job; the message has the root cause
   */
  public FlinkJob submit(JobGraph graph) throws IOException {
    JobID id = graph.getJobID();
    try {
      cluster.submitJob(graph).get();
    } catch (ExecutionException e) {
      throw new IOException("the cluster rejected the job: " + FlinkJob.rootCause(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while submitting the job", e);
    }
    return new FlinkJob(cluster, id);
  }

  /** Returns a copy of the cluster's configuration, with which a job can be built. */
  public Configuration configuration() {
    return new Configuration(configuration);
  }

  /** Terminates a task manager like a crash and starts a new one. */
  public void replaceTaskManager() throws Exception {
    cluster.terminateTaskManager(0).get();
    cluster.startTaskManager();
  }

  /** Returns the address of the web interface. */
  public URI webAddress() {
    return cluster.getRestAddress().join();
  }

  @Override
  public void close() {
    try {
      cluster.closeAsync().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The cluster does not stop; the end of the JVM stops it.
      return;
    }
  }
}
