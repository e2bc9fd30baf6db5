// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.job.format.QueryIds;
import dev.onepass.job.kafka.client.RawRecordReader;
import dev.onepass.job.kafka.client.TopicScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes queries that have neither an answer nor a dead letter to their topic again.
 *
 * <p>An answer belongs to the query with the same key, {@code query_id} and headers; the job keeps
 * no other list. Each query of the interval takes a few hundred bytes of memory: the record itself
 * is not kept.
 */
public final class QueriesAgain {

  /** Header of a query that was sent again: its former place, as {@code topic/partition/offset}. */
  public static final String HEADER = "asked-again";

  private static final int SENT_AT_ONCE = 500;

  /**
   * Counts of the queries of an interval.
   *
   * @param read queries in the interval
   * @param answered queries that have an answer
   * @param refused queries that have a dead letter
   * @param askedBefore queries that an earlier call sent again
   * @param asked queries that this call sent again
   */
  public record Counts(long read, long answered, long refused, long askedBefore, long asked) {}

  private final SinkTopics topics;
  private final Properties clients;
  private final Properties producer;
  private final QueryIdentities identities;
  private final Consumer<String> progress;

  /** Identities of the queries to send again, by place. */
  private final Map<Place, ByteBuffer> missing = new HashMap<>();

  public QueriesAgain(
      SinkTopics topics,
      Properties clients,
      Properties producer,
      QueryIds ids,
      Consumer<String> progress) {
    this.topics = topics;
    this.clients = clients;
    this.producer = producer;
    identities = new QueryIdentities(ids);
    this.progress = progress;
  }

  /**
   * Sends queries again.
   *
   * @param from first offset of each partition of the queries topic
   * @param to end offset of each of these partitions, exclusive
   * @param since start of the search for answers and dead letters, in epoch milliseconds; 0 for all
   * @throws IOException if records cannot be read or written; the message says why. The next call
   *     skips queries that were already sent again
   */
  public Counts ask(Map<Integer, Long> from, Map<Integer, Long> to, long since)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> begins = inQueries(from);
    Map<TopicPartition, Long> ends = inQueries(to);
    try (TopicScan queries = new TopicScan(topics.queries(), clients)) {
      check(queries, begins, ends);
      read(queries, begins, ends, query -> missing.put(Place.of(query), identities.ofQuery(query)));
      long read = missing.size();
      progress.accept("%d queries in the interval".formatted(read));
      long answered = leaveOutAnswered(since);
      progress.accept("%d of them have an answer".formatted(answered));
      long refused = leaveOutRefused(since);
      progress.accept("%d of them have a dead letter".formatted(refused));
      long askedBefore = leaveOutAskedBefore(queries, ends);
      progress.accept("%d of them were asked again before".formatted(askedBefore));
      return new Counts(read, answered, refused, askedBefore, askRest(queries, begins, ends));
    }
  }

  private Map<TopicPartition, Long> inQueries(Map<Integer, Long> offsets) {
    Map<TopicPartition, Long> partitions = new HashMap<>();
    offsets.forEach(
        (partition, offset) ->
            partitions.put(new TopicPartition(topics.queries(), partition), offset));
    return partitions;
  }

  private static void check(
      TopicScan queries, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to)
      throws IOException {
    Map<TopicPartition, Long> begins = queries.begins();
    Map<TopicPartition, Long> ends = queries.ends();
    for (TopicPartition partition : from.keySet()) {
      if (!ends.containsKey(partition)) {
        throw new IOException("Partition " + partition + " does not exist.");
      }
      if (to.get(partition) > ends.get(partition)) {
        throw new IOException(
            "%s ends at offset %d, before %d; correct --to"
                .formatted(partition, ends.get(partition), to.get(partition)));
      }
      if (from.get(partition) < begins.get(partition)) {
        throw new IOException(
            "%s begins at offset %d, because retention has deleted queries of the interval; send the rest with --from %d:%d"
                .formatted(
                    partition,
                    begins.get(partition),
                    partition.partition(),
                    begins.get(partition)));
      }
    }
  }

  private long leaveOutAnswered(long since) throws IOException {
    Set<ByteBuffer> wanted = new HashSet<>(missing.values());
    Set<ByteBuffer> seen = new HashSet<>();
    scan(
        topics.outputs(),
        since,
        answer -> identities.ofAnswer(answer).filter(wanted::contains).ifPresent(seen::add));
    return leaveOut(missing.entrySet().stream().filter(e -> seen.contains(e.getValue())));
  }

  private long leaveOutRefused(long since) throws IOException {
    Set<Place> refused = new HashSet<>();
    scan(
        topics.deadLetters(),
        since,
        letter ->
            DeadLetterPlace.of(RawRecordReader.raw(letter))
                .filter(missing::containsKey)
                .ifPresent(refused::add));
    return leaveOut(missing.entrySet().stream().filter(e -> refused.contains(e.getKey())));
  }

  /** Removes queries that were sent again before. Their copies come after the interval. */
  private long leaveOutAskedBefore(TopicScan queries, Map<TopicPartition, Long> from)
      throws IOException {
    Set<String> asked = new HashSet<>();
    read(
        queries,
        from,
        queries.ends(),
        query -> {
          Header header = query.headers().lastHeader(HEADER);
          if (header != null && header.value() != null) {
            asked.add(new String(header.value(), StandardCharsets.UTF_8));
          }
        });
    return leaveOut(missing.entrySet().stream().filter(e -> asked.contains(e.getKey().toString())));
  }

  private long leaveOut(Stream<Map.Entry<Place, ByteBuffer>> found) {
    List<Place> places = found.map(Map.Entry::getKey).toList();
    places.forEach(missing::remove);
    return places.size();
  }

  private void scan(String topic, long since, Consumer<ConsumerRecord<byte[], byte[]>> reader)
      throws IOException {
    try (TopicScan scan = new TopicScan(topic, clients)) {
      read(scan, since > 0 ? scan.since(since) : scan.begins(), scan.ends(), reader);
    }
  }

  private static void read(
      TopicScan scan,
      Map<TopicPartition, Long> from,
      Map<TopicPartition, Long> to,
      Consumer<ConsumerRecord<byte[], byte[]>> reader)
      throws IOException {
    try {
      scan.read(from, to, reader);
    } catch (KafkaException e) {
      throw new IOException("Cannot read topic %s: %s".formatted(scan.topic(), e.getMessage()), e);
    }
  }

  /**
   * Reads the queries a second time, since they were not kept, and sends those that are missing.
   */
  private long askRest(
      TopicScan queries, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to)
      throws IOException, InterruptedException {
    if (missing.isEmpty()) {
      return 0;
    }
    long[] asked = new long[1];
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> out =
        new KafkaProducer<>(producer, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<IOException> failure = new ArrayList<>();
      read(
          queries,
          from,
          to,
          query -> {
            if (failure.isEmpty() && missing.containsKey(Place.of(query))) {
              sent.add(out.send(again(query)));
              if (sent.size() == SENT_AT_ONCE) {
                await(sent, failure);
                asked[0] += SENT_AT_ONCE;
                progress.accept("%d asked again".formatted(asked[0]));
              }
            }
          });
      int rest = sent.size();
      await(sent, failure);
      if (!failure.isEmpty()) {
        throw failure.get(0);
      }
      return asked[0] + rest;
    }
  }

  private void await(List<Future<RecordMetadata>> sent, List<IOException> failure) {
    for (Future<RecordMetadata> each : sent) {
      try {
        each.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure.add(new IOException("Interrupted while sending queries.", e));
        break;
      } catch (ExecutionException e) {
        failure.add(
            new IOException(
                "Topic %s does not accept a query: %s"
                    .formatted(topics.queries(), e.getCause().getMessage()),
                e));
        break;
      }
    }
    sent.clear();
  }

  /** Returns the same query for the same partition, with the current time. */
  private static ProducerRecord<byte[], byte[]> again(ConsumerRecord<byte[], byte[]> query) {
    ProducerRecord<byte[], byte[]> again =
        new ProducerRecord<>(query.topic(), query.partition(), query.key(), query.value());
    for (Header header : query.headers()) {
      if (!header.key().equals(HEADER)) {
        again.headers().add(header);
      }
    }
    again.headers().add(HEADER, Place.of(query).toString().getBytes(StandardCharsets.UTF_8));
    return again;
  }
}
