// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Adds the result of each poll to a {@link Fetched}, which it takes from the consumer's properties.
 * The connector does not expose the consumer's positions; an interceptor sees them.
 */
public final class FetchedInterceptor implements ConsumerInterceptor<byte[], byte[]> {

  private static final String FETCHED = "onepass.fetched";

  private Fetched fetched;

  /** Returns properties of a consumer that tracks its progress. Keeps interceptors of the user. */
  static Properties noting(Fetched fetched, Properties properties) {
    List<Object> interceptors = new ArrayList<>();
    // Must be first, since others may remove records.
    interceptors.add(FetchedInterceptor.class);
    String given = properties.getProperty(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, "");
    for (String name : given.split(",")) {
      if (!name.isBlank()) {
        interceptors.add(name.trim());
      }
    }
    Properties noting = new Properties();
    noting.putAll(properties);
    noting.put(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, interceptors);
    noting.put(FETCHED, fetched);
    return noting;
  }

  @Override
  public void configure(Map<String, ?> properties) {
    fetched = (Fetched) properties.get(FETCHED);
  }

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    fetched.add(records);
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    // Commits only serve external monitoring.
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
