// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.onepass.job.kafka.sink.Visibility.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks the reaction to each signal of the connector's committer. */
@Timeout(30)
class AnswersCommitterTest {

  private static final Transaction TRANSACTION =
      new Transaction(
          new KafkaCommittable(77, (short) 3, "job-0-1", null),
          new Contents(5, 0, new Interval(), new Place("outputs", 0, 9)));

  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<Place> looks = new LinkedBlockingQueue<>();

  private AnswersCommitter committer(
      Outcome outcome, Consumer<Committer.CommitRequest<KafkaCommittable>> connectors) {
    Visibility visibility =
        new Visibility(new Properties()) {
          @Override
          Outcome look(Place place) {
            looks.add(place);
            return outcome;
          }
        };
    MetricGroup metrics =
        new UnregisteredMetricsGroup() {
          @Override
          public MetricGroup addGroup(String name) {
            assertThat(name).isEqualTo("onepass");
            return this;
          }

          @Override
          public <C extends Counter> C counter(String name, C counter) {
            counters.put(name, counter);
            return counter;
          }
        };
    return new AnswersCommitter(
        new Committer<>() {
          @Override
          public void commit(Collection<CommitRequest<KafkaCommittable>> requests) {
            requests.forEach(connectors);
          }

          @Override
          public void close() throws IOException {
            throw new IOException("no brokers");
          }
        },
        new OrphanedTransactions(new Properties(), "another-job"),
        new RefusedTransactions(visibility, metrics));
  }

  private long count(String name) {
    return counters.get(name).getCount();
  }

  private void awaitCount(String name, long count) throws InterruptedException {
    assertThat(looks.poll(20, TimeUnit.SECONDS)).isEqualTo(TRANSACTION.contents().place());
    for (int i = 0; i < 200 && count(name) != count; i++) {
      Thread.sleep(100);
    }
    assertThat(count(name)).isEqualTo(count);
  }

  @Test
  void abortedTransactionsAreCounted() throws Exception {
    Request request = new Request();
    AnswersCommitter committer =
        committer(
            Outcome.HIDDEN, r -> r.signalFailedWithKnownReason(new ProducerFencedException("x")));
    committer.commit(List.of(request));

    assertThat(request.signals).containsExactly("known");
    awaitCount("lostAnswers", 5);
    assertThat(count("lostTransactions")).isEqualTo(1);
    committer.close();
  }

  @Test
  void transactionsCommittedBeforeAreNotCounted() throws Exception {
    AnswersCommitter committer =
        committer(
            Outcome.VISIBLE, r -> r.signalFailedWithKnownReason(new ProducerFencedException("x")));
    committer.commit(List.of(new Request()));

    awaitCount("lostAnswers", 0);
    committer.close();
    assertThat(count("lostTransactions")).isZero();
  }

  @Test
  void idsThatBrokersHaveForgottenDoNotFailTheJob() throws Exception {
    Request request = new Request();
    AnswersCommitter committer =
        committer(
            Outcome.HIDDEN,
            r ->
                r.signalFailedWithUnknownReason(
                    new KafkaException(new InvalidPidMappingException("x"))));
    committer.commit(List.of(request));

    assertThat(request.signals).containsExactly("known");
    awaitCount("lostTransactions", 1);
    committer.close();
  }

  @Test
  void otherSignalsPass() throws Exception {
    Request request = new Request();
    AnswersCommitter committer =
        committer(
            Outcome.HIDDEN,
            r -> {
              assertThat(r.getNumberOfRetries()).isEqualTo(2);
              assertThat(r.getCommittable()).isEqualTo(TRANSACTION.committable());
              r.retryLater();
              r.updateAndRetryLater(r.getCommittable());
              r.signalAlreadyCommitted();
              r.signalFailedWithUnknownReason(new KafkaException("x"));
            });
    committer.commit(List.of(request));

    assertThat(request.signals).containsExactly("retry", "update", "committed", "unknown");
    assertThat(looks).isEmpty();
    assertThatCode(committer::close).doesNotThrowAnyException();
  }

  private static final class Request implements Committer.CommitRequest<Transaction> {
    private final List<String> signals = new ArrayList<>();

    @Override
    public Transaction getCommittable() {
      return TRANSACTION;
    }

    @Override
    public int getNumberOfRetries() {
      return 2;
    }

    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      signals.add("known");
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      signals.add("unknown");
    }

    @Override
    public void retryLater() {
      signals.add("retry");
    }

    @Override
    public void updateAndRetryLater(Transaction committable) {
      assertThat(committable).isEqualTo(TRANSACTION);
      signals.add("update");
    }

    @Override
    public void signalAlreadyCommitted() {
      signals.add("committed");
    }
  }
}
