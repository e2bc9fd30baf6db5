// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * Ends open transactions that would otherwise stay open until their timeout. Until then they would
 * hold up {@code read_committed} readers.
 *
 * <p>Transactional ids are reused. The state of an older checkpoint promises to commit the
 * transaction that an id had then. If a later attempt took the id and was killed, the brokers have
 * another transaction open under it. The connector does not end it, because the state names the id,
 * and its attempt to commit the promised transaction is fenced. The connector ends the other one
 * only when it takes that id itself, which may never happen at a lower parallelism.
 *
 * <p>An orphaned transaction has another producer than the promised one. Promised transactions, and
 * transactions whose id is not one of the job's own, stay open.
 */
public final class OrphanedTransactions implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The transaction that the state promises to commit under an id: that of this producer. */
  record Promise(String id, long producer, short epoch) {}

  private static final Logger LOG = LoggerFactory.getLogger(OrphanedTransactions.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Properties clients;
  private final String prefix;

  /**
   * @param clients properties of clients, with the brokers
   * @param prefix prefix of the job's transactional ids; null if it has none
   */
  public OrphanedTransactions(Properties clients, String prefix) {
    this.clients = ClientProperties.withoutId(clients);
    this.prefix = prefix;
  }

  /**
   * Ends open transactions under these ids that are not the promised ones. Call it before any
   * producer of this attempt may use one of the ids. Logs failures; brokers then end the
   * transactions at their timeout.
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
        LOG.info("Ending transactions that an earlier attempt of this job left open: {}", orphans);
        FenceProducersOptions patience =
            new FenceProducersOptions().timeoutMs((int) PATIENCE.toMillis());
        admin.fenceProducers(orphans, patience).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn(
          "Cannot end transactions that an earlier attempt of this job may have left open under {}. They hold up readers with isolation.level=read_committed until kafka.transaction-timeout has passed. Allow DESCRIBE and WRITE on transactional ids that begin with kafka.transactional-id-prefix.",
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
