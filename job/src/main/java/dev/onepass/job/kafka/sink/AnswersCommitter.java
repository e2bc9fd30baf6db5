// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.job.kafka.sink.OrphanedTransactions.Promise;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.common.errors.InvalidPidMappingException;

/**
 * The connector's committer. Before it commits, it ends transactions that an earlier attempt left
 * open under the ids of restored transactions. Transactions that the brokers do not commit are
 * checked afterwards.
 *
 * <p>Writers reuse an id only after a checkpoint of this attempt. All restored transactions are
 * committed for the first time before there can be one. So no writer owns another transaction that
 * is open under such an id then.
 */
final class AnswersCommitter implements Committer<Transaction> {

  private final Committer<KafkaCommittable> connectors;
  private final OrphanedTransactions orphans;
  private final RefusedTransactions refused;

  /**
   * @param connectors the connector's committer
   * @param orphans ends transactions that an earlier attempt left open
   * @param refused checks transactions that could not be committed
   */
  AnswersCommitter(
      Committer<KafkaCommittable> connectors,
      OrphanedTransactions orphans,
      RefusedTransactions refused) {
    this.connectors = connectors;
    this.orphans = orphans;
    this.refused = refused;
  }

  @Override
  public void commit(Collection<CommitRequest<Transaction>> requests)
      throws IOException, InterruptedException {
    List<CommitRequest<KafkaCommittable>> inner =
        requests.stream().<CommitRequest<KafkaCommittable>>map(Request::new).toList();
    orphans.end(restored(inner));
    connectors.commit(inner);
  }

  /** Returns the restored transactions. Those of this attempt's writers carry a producer. */
  private static List<Promise> restored(Collection<CommitRequest<KafkaCommittable>> requests) {
    return requests.stream()
        .filter(request -> request.getNumberOfRetries() == 0)
        .map(CommitRequest::getCommittable)
        .filter(committable -> committable.getProducer().isEmpty())
        .map(
            committable ->
                new Promise(
                    committable.getTransactionalId(),
                    committable.getProducerId(),
                    committable.getEpoch()))
        .toList();
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

    /** The brokers have committed the transaction before, or have aborted it. */
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
     * Returns whether the brokers have forgotten the transactional id, as they do after a week
     * without use ({@code transactional.id.expiration.ms}). A job restored from an older savepoint
     * would fail with it again and again.
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

    /** Returns the id, which the connector's committer puts into its warnings. */
    @Override
    public String toString() {
      return request.getCommittable().id();
    }
  }
}
