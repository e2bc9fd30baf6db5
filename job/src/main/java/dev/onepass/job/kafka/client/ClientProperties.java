// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.client;

import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** Properties of the job's clients other than its sources and its sink. */
public final class ClientProperties {

  private ClientProperties() {}

  /** Returns a copy without a client id: clients in one process must not share an id. */
  public static Properties withoutId(Properties clients) {
    Properties properties = new Properties();
    properties.putAll(clients);
    properties.remove(CommonClientConfigs.CLIENT_ID_CONFIG);
    return properties;
  }

  /**
   * Returns the properties of a consumer without a group. It reads committed records only, and does
   * not create topics.
   */
  public static Properties ofCommittedReader(Properties clients) {
    Properties properties = withoutId(clients);
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return properties;
  }
}
