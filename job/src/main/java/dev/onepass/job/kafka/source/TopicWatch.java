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
 * Looks at a topic for one reader, on a thread of its own, so that the task never waits for
 * brokers: at splits before they are read, as often as it takes; and from time to time at the
 * topic's id and the ends of its partitions. What it finds waits until the task takes it.
 */
final class TopicWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  /** One look of so many asks where partitions end as well. */
  private static final int LOOKS_AT_ENDS = 6;

  private static final Duration REMINDER = Duration.ofMinutes(1);

  private final String topic;
  private final Brokers brokers;
  private final Behind behind;
  private final Clock clock;
  private final ScheduledThreadPoolExecutor thread;

  /** A split at most once, so there are never more than partitions. */
  private final ConcurrentLinkedQueue<Resumption> found = new ConcurrentLinkedQueue<>();

  /** Done where there is something to take. */
  private volatile CompletableFuture<Void> news = new CompletableFuture<>();

  /** The id of the topic when it was last looked at, or null. */
  private volatile Uuid topicId;

  /** Whether the topic was away when it was last looked at. */
  private volatile boolean gone;

  private volatile Fetched followed = new Fetched();

  /** Why the topic could not be looked at; this and what follows is the thread's alone. */
  private String trouble;

  private int looks;

  private long saidMillis;

  /**
   * A watch, which begins with the first split.
   *
   * @param name of its thread
   * @param every between two looks at the topic
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
            // A watch that is closed has no more to do.
            new ThreadPoolExecutor.DiscardPolicy());
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    thread.scheduleWithFixedDelay(
        this::lookAround, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Follows the progress of another consumer. */
  void follow(Fetched fetched) {
    followed = fetched;
  }

  /** Looks at splits, and looks again at those whose partitions cannot be found. */
  void look(Collection<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> all = List.copyOf(splits);
    thread.execute(() -> look(all, FIRST_RETRY));
  }

  /** Closes what is no longer read, and looks at the splits that it had. */
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
            LOG.warn("a reader of topic {} did not close well", topic, e);
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
        say("it has no partition " + missing.get(0).getPartition());
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

  /** Once, and again while it lasts, but not with every look. */
  private void say(String reason) {
    long now = clock.millis();
    if (!reason.equals(trouble) || now - saidMillis >= REMINDER.toMillis()) {
      trouble = reason;
      saidMillis = now;
      LOG.warn(
          "topic {} cannot be looked at: {}. What waits to be read waits on, and it is looked for again",
          topic,
          reason);
    }
  }

  private void sayItIsWell() {
    if (trouble != null) {
      trouble = null;
      LOG.info("topic {} can be looked at again", topic);
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

  /** Takes what was found about splits since the last time. */
  List<Resumption> take() {
    // First, so that what comes meanwhile is news again.
    news = new CompletableFuture<>();
    List<Resumption> taken = new ArrayList<>();
    for (Resumption next = found.poll(); next != null; next = found.poll()) {
      taken.add(next);
    }
    return taken;
  }

  /** Returns whether the topic was away when it was last looked at. */
  boolean isGone() {
    return gone;
  }

  /** Returns the id that the topic has now, as far as it was looked at; null if not known. */
  Uuid topicId() {
    return topicId;
  }

  /** Ends the thread; whatever it waits for is left. */
  @Override
  public void close() {
    thread.shutdownNow();
    brokers.close();
  }
}
