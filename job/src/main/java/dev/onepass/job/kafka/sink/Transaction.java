// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import org.apache.flink.connector.kafka.sink.KafkaCommittable;

/**
 * A transaction to commit with its checkpoint.
 *
 * @param committable committable of the connector
 * @param contents contents, which are lost if the transaction cannot be committed
 */
record Transaction(KafkaCommittable committable, Contents contents) {

  /** Returns the transactional id. */
  String id() {
    return committable.getTransactionalId();
  }
}
