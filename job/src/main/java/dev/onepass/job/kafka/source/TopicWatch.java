// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a topic for one reader on a separate thread, so that the task never waits for brokers. It
 * checks splits before they are read, with retries, and periodically checks the topic's id and the
 * ends of its partitions. The task takes the results when it is ready.
 */
final class TopicWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  /** Every sixth look also reads the ends of partitions. */
  private static final int LOOKS_AT_ENDS = 6;

  private static final Duration REMINDER = Duration.ofMinutes(1);

  private final String topic;
  private final Brokers brokers;
  private final Behind behind;
  private final Clock clock;
  private final ScheduledThreadPoolExecutor thread;

  /** Results for the task. Each split occurs at most once. */
  private final ConcurrentLinkedQueue<Resumption> found = new ConcurrentLinkedQueue<>();

  /** Completed when there is something to take. */
  private volatile CompletableFuture<Void> news = new CompletableFuture<>();

  /** Last known id of the topic, or null. */
  private volatile Uuid topicId;

  /** Whether the topic was missing at the last look. */
  private volatile boolean gone;

  private volatile Fetched followed = new Fetched();

  /** Reason of the last failed look. Only the thread uses this and the next two fields. */
  private String trouble;

  private int looks;

  private long saidMillis;

  /**
   * Creates a watch, which starts with the first split.
   *
   * @param name name of the thread
   * @param every interval between two looks at the topic
   */
  TopicWatch(
      String name, String topic, Brokers brokers, Behind behind, Duration every, Clock clock) {
    this.topic = topic;
    this.brokers = brokers;
    this.behind = behind;
    this.clock = clock;
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread made = new Thread(work, name);
              made.setDaemon(true);
              return made;
            },
            // A closed watch has nothing left to do.
            new ThreadPoolExecutor.DiscardPolicy());
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    lookAroundEvery(every);
  }

  // The future is not needed: the look logs its own failures, and close() stops the thread.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void lookAroundEvery(Duration every) {
    thread.scheduleWithFixedDelay(
        this::lookAround, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Follows the progress of a new consumer. */
  void follow(Fetched fetched) {
    followed = fetched;
  }

  /** Checks splits, and retries those whose partitions are missing. */
  void look(Collection<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> all = List.copyOf(splits);
    thread.execute(() -> look(all, FIRST_RETRY));
  }

  /** Closes a reader that is no longer used, and checks its splits. */
  void lookBehind(AutoCloseable old, Collection<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> all = List.copyOf(splits);
    thread.execute(
        () -> {
          try {
            old.close();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          } catch (Exception e) {
            LOG.warn("Could not close a reader of topic {} cleanly", topic, e);
          }
          look(all, FIRST_RETRY);
        });
  }

  private void look(List<KafkaPartitionSplit> splits, Duration retry) {
    List<KafkaPartitionSplit> missing = new ArrayList<>();
    try {
      TopicState state = brokers.state(splits);
      topicId = state.id();
      gone = false;
      for (KafkaPartitionSplit split : splits) {
        TopicState.Offsets there = state.partitions().get(split.getPartition());
        if (there == null) {
          missing.add(split);
        } else {
          found.add(Resumption.of(split, state.id(), there));
        }
      }
      if (missing.isEmpty()) {
        sayItIsWell();
      } else {
        say("no partition " + missing.get(0).getPartition());
      }
      publish();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (Exception e) {
      missing = splits;
      say(reason(e));
    }
    if (!missing.isEmpty()) {
      lookLater(missing, retry);
    }
  }

  // The future is not needed: the look logs its own failures, and close() stops the thread.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void lookLater(List<KafkaPartitionSplit> splits, Duration retry) {
    Duration doubled = retry.multipliedBy(2);
    Duration next = doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
    thread.schedule(() -> look(splits, next), retry.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void lookAround() {
    Map<TopicPartition, Long> positions = followed.positions();
    if (positions.isEmpty()) {
      return;
    }
    try {
      Brokers.Topic there = brokers.topic();
      gone = false;
      sayItIsWell();
      if (!Objects.equals(there.id(), topicId)) {
        topicId = there.id();
        publish();
      }
      if (looks++ % LOOKS_AT_ENDS == 0) {
        lookAtEnds(there, positions);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      say(reason(e));
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        gone = true;
        publish();
      }
    }
  }

  private void lookAtEnds(Brokers.Topic there, Map<TopicPartition, Long> positions)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<TopicPartition> partitions =
        positions.keySet().stream()
            .filter(partition -> there.partitions().contains(partition.partition()))
            .toList();
    behind.update(brokers.ends(partitions), positions, clock.millis());
  }

  private static String reason(Exception e) {
    return (e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e).toString();
  }

  /** Logs a reason once, and then once a minute, but not at every look. */
  private void say(String reason) {
    long now = clock.millis();
    if (!reason.equals(trouble) || now - saidMillis >= REMINDER.toMillis()) {
      trouble = reason;
      saidMillis = now;
      LOG.warn(
          "Cannot describe topic {}: {}. Its records wait, and the job tries again.",
          topic,
          reason);
    }
  }

  private void sayItIsWell() {
    if (trouble != null) {
      trouble = null;
      LOG.info("Topic {} can be described again.", topic);
    }
  }

  private void publish() {
    news.complete(null);
  }

  /** Returns whether there is something to take. */
  boolean hasNews() {
    return news.isDone();
  }

  /** Returns a future that is done when there is something to take. */
  CompletableFuture<Void> news() {
    return news;
  }

  /** Takes the results of checks since the last call. */
  List<Resumption> take() {
    // Replaced first, so that results that arrive meanwhile complete the new future.
    news = new CompletableFuture<>();
    List<Resumption> taken = new ArrayList<>();
    for (Resumption next = found.poll(); next != null; next = found.poll()) {
      taken.add(next);
    }
    return taken;
  }

  /** Returns whether the topic was missing at the last look. */
  boolean isGone() {
    return gone;
  }

  /** Returns the last known id of the topic, or null. */
  Uuid topicId() {
    return topicId;
  }

  /** Ends the thread without waiting for it. */
  @Override
  public void close() {
    thread.shutdownNow();
    brokers.close();
  }
}
