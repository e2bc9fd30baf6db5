package dev.onepass.job.kafka.sink;

import dev.onepass.job.format.QueryIds;
import dev.onepass.job.kafka.client.RawRecordReader;
import dev.onepass.job.kafka.client.TopicScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * Writes queries that have neither answer nor dead letter to their topic again.
 *
 * <p>An answer belongs to a query with its key, {@code query_id} and headers; the job keeps no
 * other list. Of each query of the interval some hundred bytes are remembered, and not the record.
 */
public final class QueriesAgain {

  /** Header of a query that was asked again: where it was, as {@code topic/partition/offset}. */
  public static final String HEADER = "asked-again";

  private static final int SENT_AT_ONCE = 500;

  /**
   * What became of the queries of an interval.
   *
   * @param read queries in the interval
   * @param answered of these, how many have an answer
   * @param refused how many have a dead letter
   * @param askedBefore how many were asked again by an earlier call
   * @param asked how many were asked again now
   */
  public record Counts(long read, long answered, long refused, long askedBefore, long asked) {}

  private final SinkTopics topics;
  private final Properties clients;
  private final Properties producer;
  private final QueryIds ids;
  private final Consumer<String> progress;

  /** Queries that are to be asked again, by place, and what their answers would look like. */
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
    this.ids = ids;
    this.progress = progress;
  }

  /**
   * Asks again.
   *
   * @param from first offset of each partition of the queries topic
   * @param to offset behind the last of each of them
   * @param since answers and dead letters are looked for among records since then, in epoch
   *     milliseconds; 0 for all
   * @throws IOException if the brokers do not give or take records, with a sentence that says why;
   *     those written by then are not written by the next call
   */
  public Counts ask(Map<Integer, Long> from, Map<Integer, Long> to, long since)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> begins = inQueries(from);
    Map<TopicPartition, Long> ends = inQueries(to);
    try (TopicScan queries = new TopicScan(topics.queries(), clients)) {
      check(queries, begins, ends);
      read(queries, begins, ends, query -> missing.put(place(query), identity(query)));
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
        throw new IOException("there is no partition " + partition);
      }
      if (to.get(partition) > ends.get(partition)) {
        throw new IOException(
            "%s ends at offset %d, before %d: correct --to"
                .formatted(partition, ends.get(partition), to.get(partition)));
      }
      if (from.get(partition) < begins.get(partition)) {
        throw new IOException(
            "%s begins at offset %d: retention has deleted queries of the interval; ask for the rest with --from %d:%d"
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
        answer ->
            ids.ofReply(answer.value())
                .map(id -> identity(answer.key(), id, answer.headers()))
                .filter(wanted::contains)
                .ifPresent(seen::add));
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

  /** Looks behind the interval: what was asked again before lies there. */
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
      throw new IOException(
          "topic %s cannot be read: %s".formatted(scan.topic(), e.getMessage()), e);
    }
  }

  /** Reads the queries once more, since they were not kept, and sends those that are missing. */
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
            if (failure.isEmpty() && missing.containsKey(place(query))) {
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
        failure.add(new IOException("interrupted", e));
        break;
      } catch (ExecutionException e) {
        failure.add(
            new IOException(
                "topic %s does not take a query: %s"
                    .formatted(topics.queries(), e.getCause().getMessage()),
                e));
        break;
      }
    }
    sent.clear();
  }

  /** As it was and in its partition, with the time of now. */
  private static ProducerRecord<byte[], byte[]> again(ConsumerRecord<byte[], byte[]> query) {
    ProducerRecord<byte[], byte[]> again =
        new ProducerRecord<>(query.topic(), query.partition(), query.key(), query.value());
    for (Header header : query.headers()) {
      if (!header.key().equals(HEADER)) {
        again.headers().add(header);
      }
    }
    again.headers().add(HEADER, place(query).toString().getBytes(StandardCharsets.UTF_8));
    return again;
  }

  private static Place place(ConsumerRecord<byte[], byte[]> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  /** What no query is told apart by: one without an id has no answer, so it stands for itself. */
  private ByteBuffer identity(ConsumerRecord<byte[], byte[]> query) {
    Optional<String> id = ids.ofQuery(query.value());
    return id.isPresent()
        ? identity(query.key(), id.get(), query.headers())
        : ByteBuffer.wrap(place(query).toString().getBytes(StandardCharsets.UTF_8));
  }

  private static ByteBuffer identity(
      byte[] key, String id, org.apache.kafka.common.header.Headers headers) {
    MessageDigest digest = sha256();
    add(digest, key);
    add(digest, id.getBytes(StandardCharsets.UTF_8));
    for (Header header : headers) {
      if (!header.key().equals(HEADER)) {
        add(digest, header.key().getBytes(StandardCharsets.UTF_8));
        add(digest, header.value());
      }
    }
    return ByteBuffer.wrap(digest.digest());
  }

  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update(ByteBuffer.allocate(4).putInt(bytes == null ? -1 : bytes.length).array());
    if (bytes != null) {
      digest.update(bytes);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
