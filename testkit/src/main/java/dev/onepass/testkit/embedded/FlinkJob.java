package dev.onepass.testkit.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job that was submitted to an {@link EmbeddedFlink}. */
public final class FlinkJob {
  private static final long POLL_MILLIS = 100;

  private final MiniCluster cluster;
  private final JobID id;
  private final CompletableFuture<JobResult> result;

  FlinkJob(MiniCluster cluster, JobID id) {
    this.cluster = cluster;
    this.id = id;
    this.result = cluster.requestJobResult(id);
  }

  /** Flink's name for the job. */
  public JobID id() {
    return id;
  }

  /**
   * Waits until every task runs, or has come to its end.
   *
   * @throws IOException when the job ends first or the time is over
   */
  public void awaitRunning(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      while (!allTasksRun()) {
        if (result.isDone()) {
          throw new IOException("the job ended: " + failure().orElse("no failure was reported"));
        }
        if (System.nanoTime() > deadline) {
          throw new IOException("the job did not run within " + timeout.toSeconds() + " s");
        }
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the job was starting", e);
    }
  }

  private boolean allTasksRun() throws InterruptedException {
    try {
      AccessExecutionGraph graph =
          cluster.getExecutionGraph(id).get(POLL_MILLIS * 100, TimeUnit.MILLISECONDS);
      boolean any = false;
      for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
        any = true;
        ExecutionState state = vertex.getExecutionState();
        // A source that has an end may have reached it before the others run.
        if (state != ExecutionState.RUNNING && state != ExecutionState.FINISHED) {
          return false;
        }
      }
      // A job that is still being initialized has no vertices.
      return any;
    } catch (ExecutionException | TimeoutException e) {
      // The job master is not up yet, or the job is gone; the caller looks at the result next.
      return false;
    }
  }

  /** The root cause in words when the job has ended, whether it failed or merely stopped. */
  public Optional<String> failure() {
    if (!result.isDone()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          result
              .join()
              .getSerializedThrowable()
              .map(FlinkJob::rootCause)
              .orElse("it stopped although its input has no end"));
    } catch (RuntimeException e) {
      return Optional.of(rootCause(e));
    }
  }

  /**
   * Makes a checkpoint now and waits for it.
   *
   * @return the checkpoint's path
   */
  public String checkpoint() throws Exception {
    return cluster.triggerCheckpoint(id).get();
  }

  /**
   * Stops the job with a savepoint.
   *
   * @param directory that the savepoint is made in
   * @return the savepoint's path
   */
  public String stopWithSavepoint(Path directory) throws Exception {
    return stop(directory, false);
  }

  /** The same at the end of time: what waits for later timestamps is done first. */
  public String drainWithSavepoint(Path directory) throws Exception {
    return stop(directory, true);
  }

  private String stop(Path directory, boolean drain) throws Exception {
    return cluster
        .stopWithSavepoint(id, directory.toUri().toString(), drain, SavepointFormatType.CANONICAL)
        .get();
  }

  /** Checkpoints that were begun and did not complete. */
  public long failedCheckpoints() throws Exception {
    return cluster
        .getExecutionGraph(id)
        .get()
        .getCheckpointStatsSnapshot()
        .getCounts()
        .getNumberOfFailedCheckpoints();
  }

  /** The root cause of the failure that the job was last restarted for, in words. */
  public Optional<String> lastFailure() throws Exception {
    return Optional.ofNullable(cluster.getExecutionGraph(id).get().getFailureInfo())
        .map(
            failure ->
                rootCause(
                    failure.getException().deserializeError(FlinkJob.class.getClassLoader())));
  }

  /** Times that the job was restarted after a failure. */
  public long restarts() throws Exception {
    return cluster.getExecutionGraph(id).get().getAllVertices().values().stream()
        .flatMap(vertex -> Arrays.stream(vertex.getTaskVertices()))
        .mapToLong(task -> task.getCurrentExecutionAttempt().getAttemptNumber())
        .max()
        .orElse(0);
  }

  /** Cancels the job and waits a little until it is gone. */
  public void cancel() {
    try {
      cluster.cancelJob(id).get(10, TimeUnit.SECONDS);
      result.get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Closing the cluster ends it in any case.
      return;
    }
  }

  /** The message of the innermost cause, on one line, or its class where it has no message. */
  static String rootCause(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
