// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.anchors;

import dev.onepass.job.kafka.client.ClientProperties;
import dev.onepass.job.kafka.client.RawRecordReader;
import dev.onepass.job.kafka.client.TopicScan;
import dev.onepass.job.kafka.limits.BrokerLimit;
import dev.onepass.job.records.RecordLimit;
import dev.onepass.job.records.TopicGate;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The anchors topic on the brokers. */
public final class BrokersAnchorsTopic implements AnchorsTopic {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(BrokersAnchorsTopic.class);

  /** Maximum time without progress while the topic is read. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String name;
  private final Properties properties;
  private final BrokerLimit limit;
  private final Duration patience;

  /**
   * @param properties properties of clients
   * @param limit size limit of records
   */
  public BrokersAnchorsTopic(String name, Properties properties, BrokerLimit limit) {
    this(name, properties, limit, PATIENCE);
  }

  BrokersAnchorsTopic(String name, Properties properties, BrokerLimit limit, Duration patience) {
    this.name = name;
    this.properties = properties;
    this.limit = limit;
    this.patience = patience;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void read(Consumer<RawRecord> reader) throws IOException {
    try (KafkaConsumer<byte[], byte[]> client = TopicScan.consumer(properties)) {
      readAll(client, reader);
    } catch (InterruptException e) {
      throw e;
    } catch (UnknownTopicOrPartitionException e) {
      LOG.info("Topic {} does not exist yet.", name);
    } catch (KafkaException e) {
      throw new IOException("Cannot read topic %s: %s".formatted(name, e), e);
    }
  }

  /** Reads the whole topic with this consumer. */
  void readAll(
      org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> client, Consumer<RawRecord> reader)
      throws IOException {
    TopicScan scan = new TopicScan(name, client, patience);
    scan.read(scan.begins(), scan.ends(), record -> reader.accept(RawRecordReader.raw(record)));
  }

  @Override
  public Optional<String> obstacle(RawRecord record) {
    try {
      createIfMissing();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable reason = e instanceof ExecutionException ? e.getCause() : e;
      return Optional.of("cannot find or create topic %s: %s".formatted(name, reason));
    }
    // Only one task at a time learns sets of a head.
    String tester = name + "-" + new String(record.key(), StandardCharsets.UTF_8) + "-0";
    try (TopicGate gate = limit.open(name, tester)) {
      return switch (gate.judge(record)) {
        // A set that the trial has written is published again; readers ignore the duplicate.
        case PASSES, WRITTEN -> Optional.empty();
        default -> Optional.of(tooLarge(record, gate));
      };
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  private String tooLarge(RawRecord record, TopicGate gate) {
    return "it has %d bytes, but topic %s accepts %s; raise max.message.bytes of the topic and kafka.properties.max.request.size"
        .formatted(
            RecordLimit.bytes(record),
            name,
            gate.isKnown() ? Integer.toString(gate.limit()) : "less");
  }

  private void createIfMissing() throws InterruptedException, ExecutionException, TimeoutException {
    Admin client = Admin.create(ClientProperties.withoutId(properties));
    try {
      if (!exists(client)) {
        NewTopic topic =
            new NewTopic(name, Optional.of(1), Optional.empty())
                .configs(
                    Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(AnchorsPublisher.LARGEST_SET)));
        client.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
        LOG.info("Created topic {}, compacted.", name);
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    } finally {
      client.close(Duration.ZERO);
    }
  }

  private boolean exists(Admin client)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      client.describeTopics(List.of(name)).allTopicNames().get(30, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }
}
