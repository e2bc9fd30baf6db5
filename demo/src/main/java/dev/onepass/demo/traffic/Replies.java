// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import dev.onepass.demo.run.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the topics of answers and dead letters on a separate thread. */
public final class Replies implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, Reply.Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, Reply.Stats> stats = new ConcurrentHashMap<>();
  private final Map<String, Long> accepted = new ConcurrentHashMap<>();
  private final AtomicInteger repeated = new AtomicInteger();
  private final List<String> deadLetters = new CopyOnWriteArrayList<>();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final String deadLetterTopic;
  private volatile boolean closed;
  private volatile String failure;
  private volatile Folding folding;

  /** Starts to read the topics from their beginning. */
  public static Replies ofAllTime(String bootstrapServers) {
    return new Replies(bootstrapServers, Topics.OUTPUTS, Topics.DEAD_LETTERS, true);
  }

  /** Starts to read the topics from their current end. */
  public static Replies fromNowOn(String bootstrapServers) {
    return new Replies(bootstrapServers, Topics.OUTPUTS, Topics.DEAD_LETTERS, false);
  }

  private Replies(
      String bootstrapServers, String outputTopic, String deadLetterTopic, boolean ofAllTime) {
    this.deadLetterTopic = deadLetterTopic;
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        Stream.of(outputTopic, deadLetterTopic)
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    if (ofAllTime) {
      consumer.seekToBeginning(partitions);
    } else {
      consumer.seekToEnd(partitions);
      // Fixes the end now, not at the first poll.
      partitions.forEach(consumer::position);
    }
    this.thread = new Thread(this::run, "onepass-demo-replies");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    Records records = new Records();
    try (consumer) {
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(POLL)) {
          if (found.topic().equals(deadLetterTopic)) {
            deadLetters.add(errorOf(found));
          } else {
            take(records.reply(found.value(), System.nanoTime()));
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      failure = "the answers cannot be read: " + e.getMessage();
    }
  }

  private void take(Reply reply) {
    if (reply instanceof Reply.Stats found) {
      stats.put(found.queryId(), found);
      accepted.merge(found.sequence(), found.tokens(), Math::max);
    } else if (reply instanceof Reply.Answer answer
        && answers.putIfAbsent(answer.queryId(), answer) != null) {
      repeated.incrementAndGet();
    }
    boolean isFirst = folding == null || (folding.exact() && !reply.exact());
    if (isFirst && reply.tokens() > 0) {
      folding = new Folding(reply.nanos(), accepted(), reply.exact());
    }
  }

  private static String errorOf(ConsumerRecord<byte[], byte[]> deadLetter) {
    Header error = deadLetter.headers().lastHeader("error");
    return error == null ? "no reason given" : new String(error.value(), StandardCharsets.UTF_8);
  }

  /** Returns the answer to a query, if it has arrived. */
  public Optional<Reply.Answer> answer(String queryId) {
    return Optional.ofNullable(answers.get(queryId));
  }

  /** Returns the answers so far, by the ids of their queries. */
  public Map<String, Reply.Answer> answers() {
    return Map.copyOf(answers);
  }

  /** Returns the statistics for a query, if they have arrived. */
  public Optional<Reply.Stats> stats(String queryId) {
    return Optional.ofNullable(stats.get(queryId));
  }

  /** Returns how many queries have an answer with attention outputs. */
  int answered() {
    return answers.size();
  }

  /** Returns the sum, over all sequences, of the largest number of tokens in their statistics. */
  long accepted() {
    return accepted.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The time when the job began to fold, derived from replies.
   *
   * @param nanos {@link System#nanoTime} of the first reply about a sequence with a sketch, or,
   *     without such a reply, about a sequence with tokens
   * @param accepted tokens accepted until then, as in {@link #accepted}
   * @param exact whether no sequence had a sketch
   */
  public record Folding(long nanos, long accepted, boolean exact) {}

  /** Returns when the job began to fold; empty before. */
  public Optional<Folding> folding() {
    return Optional.ofNullable(folding);
  }

  /** Returns the number of duplicate answers, which at-least-once delivery allows. */
  public int repeated() {
    return repeated.get();
  }

  /** Returns the reasons of the dead letters. */
  public List<String> deadLetters() {
    return List.copyOf(deadLetters);
  }

  /** Returns why reading ended early, if it did. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Duration.ofSeconds(5).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
