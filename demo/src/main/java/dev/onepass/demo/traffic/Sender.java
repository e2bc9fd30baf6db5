// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.run.Topics;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends tokens and queries as a plain Kafka producer. */
public final class Sender implements AutoCloseable {
  private static final int CHECK_EVERY = 1_024;

  private final Records records = new Records();
  private final KafkaProducer<byte[], byte[]> producer;
  private final Map<HeadName, HeadRows> rows;
  private final boolean timestamps;
  private volatile Exception failure;

  /** Creates a sender of records that have the time of sending. */
  public Sender(String bootstrapServers, Map<HeadName, HeadRows> rows) {
    this(bootstrapServers, rows, false);
  }

  /**
   * Creates a sender.
   *
   * @param timestamps whether tokens have the {@link Plan#timestamp} of their position
   */
  public Sender(String bootstrapServers, Map<HeadName, HeadRows> rows, boolean timestamps) {
    this.rows = rows;
    this.timestamps = timestamps;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                256 << 10),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Sends all tokens and queries of a plan. The tokens of the long sequences alternate, and the
   * short sequences are spread among them. A query is sent when its sequence has about half of the
   * tokens that the query asks for, so it must wait inside the job.
   *
   * @param check called from time to time with the number of tokens sent; throws to stop sending
   */
  void send(Plan plan, Check check) throws DemoException {
    int length = plan.longSequences().get(0).tokens();
    List<Sequence> shorts = plan.shortSequences();
    long sent = 0;
    int shortsSent = 0;
    for (int position = 0; position < length; position++) {
      for (Sequence sequence : plan.longSequences()) {
        token(sequence, position);
      }
      sent += plan.longSequences().size();
      if (position == length / 4) {
        longQueries(plan, true);
      }
      if (position == length / 2) {
        longQueries(plan, false);
      }
      boolean last = position == length - 1;
      while (shortsSent < shorts.size()
          && (last || (long) shortsSent * length <= (long) position * shorts.size())) {
        Sequence sequence = shorts.get(shortsSent++);
        plan.questionsAbout(sequence).forEach(this::query);
        for (int i = 0; i < sequence.tokens(); i++) {
          token(sequence, i);
        }
        sent += sequence.tokens();
      }
      if (position % CHECK_EVERY == 0) {
        check(check, sent);
      }
    }
    producer.flush();
    check(check, sent);
  }

  private void longQueries(Plan plan, boolean inTheMiddle) {
    for (Sequence sequence : plan.longSequences()) {
      plan.questionsAbout(sequence).stream()
          .filter(question -> question.inTheMiddle() == inTheMiddle)
          .forEach(this::query);
    }
  }

  private void check(Check check, long sent) throws DemoException {
    checkDelivery();
    check.accept(sent);
  }

  /**
   * Checks for failures of asynchronous sends.
   *
   * @throws DemoException if the broker refused a record
   */
  public void checkDelivery() throws DemoException {
    Exception seen = failure;
    if (seen != null) {
      throw new DemoException(
          DemoException.FAILED, "The broker refused a record: " + seen.getMessage() + ".");
    }
  }

  /** Sends the token at a position of a sequence. */
  public void token(Sequence sequence, int position) {
    byte[] record = records.token(sequence, rows.get(sequence.head()), position);
    send(Topics.TOKENS, sequence, timestamps ? Plan.timestamp(position) : null, record);
  }

  /** Sends a query. */
  public void query(Question question) {
    byte[] record = records.query(question, rows.get(question.sequence().head()));
    send(Topics.QUERIES, question.sequence(), null, record);
  }

  /** Sends a query for the state of a sequence. */
  void stats(String id, Sequence sequence) {
    send(Topics.QUERIES, sequence, null, records.stats(id, sequence));
  }

  // The future is not needed: the callback notes the failure.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void send(String topic, Sequence sequence, Long timestamp, byte[] record) {
    byte[] key = sequence.id().getBytes(StandardCharsets.UTF_8);
    producer.send(
        new ProducerRecord<>(topic, null, timestamp, key, record),
        (metadata, e) -> {
          if (e != null) {
            failure = e;
          }
        });
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }

  /** Checks whether to continue sending. */
  interface Check {
    void accept(long tokensSent) throws DemoException;
  }
}
