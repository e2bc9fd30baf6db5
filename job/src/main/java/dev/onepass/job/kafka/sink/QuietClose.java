// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes resources of the connector and logs failures instead of throwing them. All records were
 * flushed and checked before. If a failed task fails again while it closes, Flink ends the whole
 * task manager, with all other jobs on it.
 */
final class QuietClose {

  private static final Logger LOG = LoggerFactory.getLogger(QuietClose.class);

  private QuietClose() {}

  /**
   * Closes a resource.
   *
   * @param name name of the resource, for the log
   */
  static void close(String name, AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn(
          "Could not close {} cleanly ({}). Nothing is lost: the brokers end its open transactions after kafka.transaction-timeout at the latest.",
          name,
          e.toString());
    }
  }
}
