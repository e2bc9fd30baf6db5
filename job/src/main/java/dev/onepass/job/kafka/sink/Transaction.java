package dev.onepass.job.kafka.sink;

import org.apache.flink.connector.kafka.sink.KafkaCommittable;

/**
 * A transaction that is to be committed with its checkpoint.
 *
 * @param committable what the connector commits
 * @param contents what is lost if it cannot be committed
 */
record Transaction(KafkaCommittable committable, Contents contents) {

  /** Returns its transactional id. */
  String id() {
    return committable.getTransactionalId();
  }
}
