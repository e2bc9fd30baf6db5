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
 * A Flink cluster in this JVM: RocksDB for state, checkpoints on, jobs taken as jars with class
 * loaders of their own, as a cluster takes them.
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
   * @param uiPort of the REST interface and the web pages on localhost, or 0 for any that is free
   * @param settings Flink's own options, put over those chosen here
   * @throws IOException when the port is taken or the cluster does not start
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
    // Kafka's client threads may outlive a job by a moment; the check would only print warnings.
    configuration.set(CoreOptions.CHECK_LEAKED_CLASSLOADER, false);
    // A failure shall be seen, not repeated.
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
      cluster.closeAsync();
      throw new IOException("the Flink cluster does not start: " + FlinkJob.rootCause(e), e);
    }
    return new EmbeddedFlink(cluster, configuration, parallelism);
  }

  /**
   * Submits a job as {@code flink run} does: the jar's own main class builds the job, and its
   * classes come from the jar alone.
   *
   * @param jar the job with what it needs beyond Flink
   * @param arguments of its main method
   * @return the running job
   * @throws IOException when its main method fails or the cluster refuses it; the message is the
   *     root cause in one sentence
   */
  public FlinkJob submit(Path jar, String... arguments) throws IOException {
    return submit(jar, parallelism, SavepointRestoreSettings.none(), arguments);
  }

  /**
   * Submits a job as {@code flink run -p PARALLELISM -s SAVEPOINT} does.
   *
   * @param jar the job with what it needs beyond Flink
   * @param parallelism of its operators, at most the slots of the cluster
   * @param savepoint where its state comes from
   * @param arguments of its main method
   * @return the running job
   * @throws IOException when its main method fails or the cluster refuses it; the message is the
   *     root cause in one sentence
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
      throw new IOException("the job cannot be built: " + FlinkJob.rootCause(e), e);
    }
    return submit(graph);
  }

  /**
   * Submits a job whose classes are on the class path.
   *
   * @param graph the job
   * @return the running job
   * @throws IOException when the cluster refuses it; the message is the root cause in one sentence
   */
  public FlinkJob submit(JobGraph graph) throws IOException {
    JobID id = graph.getJobID();
    try {
      cluster.submitJob(graph).get();
    } catch (ExecutionException e) {
      throw new IOException("the job is refused: " + FlinkJob.rootCause(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while submitting the job", e);
    }
    return new FlinkJob(cluster, id);
  }

  /** The settings that a job needs to be built for this cluster. */
  public Configuration configuration() {
    return new Configuration(configuration);
  }

  /** Ends a task manager as a crash would, and starts another in its place. */
  public void replaceTaskManager() throws Exception {
    cluster.terminateTaskManager(0).get();
    cluster.startTaskManager();
  }

  /** Where the web pages are. */
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
      // Nothing more can be done about a cluster that does not stop; the JVM's end will.
      return;
    }
  }
}
