package dev.onepass.job.kafka.sink;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.common.errors.InvalidPidMappingException;

/** The connector's committer, which has transactions looked after that brokers do not commit. */
final class AnswersCommitter implements Committer<Transaction> {

  private final Committer<KafkaCommittable> connectors;
  private final RefusedTransactions refused;

  /**
   * A committer.
   *
   * @param connectors who commits
   * @param refused who looks after what could not be committed
   */
  AnswersCommitter(Committer<KafkaCommittable> connectors, RefusedTransactions refused) {
    this.connectors = connectors;
    this.refused = refused;
  }

  @Override
  public void commit(Collection<CommitRequest<Transaction>> requests)
      throws IOException, InterruptedException {
    List<CommitRequest<KafkaCommittable>> inner =
        requests.stream().<CommitRequest<KafkaCommittable>>map(Request::new).toList();
    connectors.commit(inner);
  }

  @Override
  public void close() {
    refused.close();
    QuietClose.close("the committer of answers", connectors);
  }

  private final class Request implements CommitRequest<KafkaCommittable> {

    private final CommitRequest<Transaction> request;

    Request(CommitRequest<Transaction> request) {
      this.request = request;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return request.getCommittable().committable();
    }

    @Override
    public int getNumberOfRetries() {
      return request.getNumberOfRetries();
    }

    /** The brokers committed it before, or have aborted it. */
    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      refused.add(request.getCommittable());
      request.signalFailedWithKnownReason(reason);
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      if (isForgotten(reason)) {
        signalFailedWithKnownReason(reason);
      } else {
        request.signalFailedWithUnknownReason(reason);
      }
    }

    /**
     * Brokers forget a transactional id that was not used for a week ({@code
     * transactional.id.expiration.ms}). A job restored from an older savepoint would fail with it
     * for ever.
     */
    private static boolean isForgotten(Throwable reason) {
      for (Throwable at = reason; at != null; at = at.getCause()) {
        if (at instanceof InvalidPidMappingException) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void retryLater() {
      request.retryLater();
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable committable) {
      request.updateAndRetryLater(
          new Transaction(committable, request.getCommittable().contents()));
    }

    @Override
    public void signalAlreadyCommitted() {
      request.signalAlreadyCommitted();
    }

    /** The connector's committer puts this into its warnings. */
    @Override
    public String toString() {
      return request.getCommittable().id();
    }
  }
}
