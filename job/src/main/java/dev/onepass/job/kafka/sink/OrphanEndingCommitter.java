package dev.onepass.job.kafka.sink;

import dev.onepass.job.kafka.sink.OrphanedTransactions.Promise;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;

/**
 * Commits, and before that ends what an earlier attempt left open under the ids of restored
 * transactions. Writers take such an id again only behind a checkpoint of this attempt, and all
 * that is restored is committed, for the first time, before there can be one. So what else is open
 * under the id then has no owner any more.
 */
final class OrphanEndingCommitter implements Committer<KafkaCommittable> {

  private final Committer<KafkaCommittable> committer;
  private final OrphanedTransactions orphans;

  OrphanEndingCommitter(Committer<KafkaCommittable> committer, OrphanedTransactions orphans) {
    this.committer = committer;
    this.orphans = orphans;
  }

  @Override
  public void commit(Collection<CommitRequest<KafkaCommittable>> requests)
      throws IOException, InterruptedException {
    orphans.end(restored(requests));
    committer.commit(requests);
  }

  /** What comes from this attempt's own writer brings its producer with it. */
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
  public void close() throws Exception {
    committer.close();
  }
}
