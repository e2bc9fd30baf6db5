package dev.onepass.job.kafka.sink;

import dev.onepass.job.kafka.client.ClientProperties;
import dev.onepass.job.kafka.client.TransactionalIds;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends open transactions that nobody else would end before their timeout, which until then keep
 * {@code read_committed} readers from all that is behind them.
 *
 * <p>Transactional ids are used again and again. The state of an older checkpoint promises to
 * commit the transaction that an id had then. Where a later attempt took the id again and was
 * killed, the brokers have another transaction open under it. The connector leaves it alone,
 * because the state names the id, and its attempt to commit the promised one is fenced. It ends the
 * other one only if it happens to take that id itself, which at a lower parallelism it never does.
 *
 * <p>Such a transaction is told by its producer: it is not the one of the promise. A transaction
 * that is the promised one is left to be committed. So is whatever has an id that is not one of the
 * job's own.
 */
public final class OrphanedTransactions implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What the state promises to commit under an id: the transaction of this producer. */
  record Promise(String id, long producer, short epoch) {}

  private static final Logger LOG = LoggerFactory.getLogger(OrphanedTransactions.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Properties clients;
  private final String prefix;

  /**
   * Orphans of a job.
   *
   * @param clients properties of clients, with the brokers
   * @param prefix of the job's transactional ids; null where it has none, and nothing to end
   */
  public OrphanedTransactions(Properties clients, String prefix) {
    this.clients = ClientProperties.withoutId(clients);
    this.prefix = prefix;
  }

  /**
   * Ends the transactions that are open under these ids and are not the promised ones. To be called
   * before any producer of this attempt may have one of the ids. A failure is logged: brokers end
   * the transactions at their timeout then.
   *
   * @throws InterruptedException if the thread is interrupted while it waits for the brokers
   */
  void end(Collection<Promise> promises) throws InterruptedException {
    Map<String, Promise> own =
        promises.stream()
            .filter(promise -> TransactionalIds.isOfSink(prefix, promise.id()))
            .collect(Collectors.toMap(Promise::id, Function.identity(), (a, b) -> a));
    if (own.isEmpty()) {
      return;
    }
    Admin admin = Admin.create(clients);
    try {
      List<String> orphans = find(admin, own);
      if (!orphans.isEmpty()) {
        LOG.info("ending transactions that an earlier attempt of this job left open: {}", orphans);
        FenceProducersOptions patience =
            new FenceProducersOptions().timeoutMs((int) PATIENCE.toMillis());
        admin.fenceProducers(orphans, patience).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn(
          "cannot end transactions that an earlier attempt of this job may have left open under {}; until kafka.transaction-timeout is over they hold up readers with isolation.level=read_committed. Allow DESCRIBE and WRITE on transactional ids that begin with kafka.transactional-id-prefix",
          own.keySet(),
          e);
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  private static List<String> find(Admin admin, Map<String, Promise> promises)
      throws InterruptedException, ExecutionException, TimeoutException {
    DescribeTransactionsResult descriptions = admin.describeTransactions(promises.keySet());
    List<String> orphans = new ArrayList<>();
    for (Promise promise : promises.values()) {
      try {
        TransactionDescription found =
            descriptions.description(promise.id()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (isOrphan(found, promise)) {
          orphans.add(promise.id());
        }
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TransactionalIdNotFoundException)) {
          throw e;
        }
      }
    }
    return orphans;
  }

  private static boolean isOrphan(TransactionDescription found, Promise promise) {
    return found.state() == TransactionState.ONGOING
        && (found.producerId() != promise.producer() || found.producerEpoch() != promise.epoch());
  }
}
