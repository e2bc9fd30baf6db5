// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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

  /** Returns the id of the job in Flink. */
  public JobID id() {
    return id;
  }

  /**
   * Waits until every task runs or has finished.
   *
   * @throws IOException if the job ends first or the time is over
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
        // A bounded source may finish before the other tasks run.
        if (state != ExecutionState.RUNNING && state != ExecutionState.FINISHED) {
          return false;
        }
      }
      // A job that is still initializing has no vertices.
      return any;
    } catch (ExecutionException | TimeoutException e) {
      // The job master does not run yet, or the job has ended; the caller checks the result next.
      return false;
    }
  }

  /** Returns the root cause if the job has ended, whether it failed or stopped. */
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
              .orElse("it stopped although its input is unbounded"));
    } catch (RuntimeException e) {
      return Optional.of(rootCause(e));
    }
  }

  /**
   * Triggers a checkpoint and waits for it.
   *
   * @return the checkpoint's path
   */
  public String checkpoint() throws Exception {
    return cluster.triggerCheckpoint(id).get();
  }

  /**
   * Stops the job with a savepoint.
   *
   * @param directory directory of the savepoint
   * @return the savepoint's path
   */
  public String stopWithSavepoint(Path directory) throws Exception {
    return stop(directory, false);
  }

  /**
   * Stops the job with a savepoint after it has processed everything that waits for later
   * timestamps.
   */
  public String drainWithSavepoint(Path directory) throws Exception {
    return stop(directory, true);
  }

  private String stop(Path directory, boolean drain) throws Exception {
    return cluster
        .stopWithSavepoint(id, directory.toUri().toString(), drain, SavepointFormatType.CANONICAL)
        .get();
  }

  /** Returns the number of failed checkpoints. */
  public long failedCheckpoints() throws Exception {
    return cluster
        .getExecutionGraph(id)
        .get()
        .getCheckpointStatsSnapshot()
        .getCounts()
        .getNumberOfFailedCheckpoints();
  }

  /** Returns the root cause of the failure of the latest restart. */
  public Optional<String> lastFailure() throws Exception {
    return Optional.ofNullable(cluster.getExecutionGraph(id).get().getFailureInfo())
        .map(
            failure ->
                rootCause(
                    failure.getException().deserializeError(FlinkJob.class.getClassLoader())));
  }

  /** Returns how often the job was restarted after a failure. */
  public long restarts() throws Exception {
    return cluster.getExecutionGraph(id).get().getAllVertices().values().stream()
        .flatMap(vertex -> Arrays.stream(vertex.getTaskVertices()))
        .mapToLong(task -> task.getCurrentExecutionAttempt().getAttemptNumber())
        .max()
        .orElse(0);
  }

  /** Cancels the job and waits for a short time until it has ended. */
  public void cancel() {
    try {
      cluster.cancelJob(id).get(10, TimeUnit.SECONDS);
      result.get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Closing the cluster ends the job in any case.
      return;
    }
  }

  /** Returns the message of the innermost cause on one line, or its class if it has no message. */
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
