// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

/**
 * The resources that a workload needs.
 *
 * @param cores number of fully used cores
 * @param stateBytes state size of all sequences, active or not
 * @param diskBytes disk space to plan for: RocksDB keeps old versions until compaction
 * @param diskWrite bytes per second written to disk
 * @param kafkaIn bytes per second from Kafka
 * @param shuffle bytes per second between task managers
 * @param kafkaOut bytes per second to Kafka
 * @param checkpointBytes bytes of an incremental checkpoint
 * @param checkpointUpload bytes per second uploaded for checkpoints
 * @param restoreSeconds time in which each task manager restores its part of the state
 */
public record Needs(
    double cores,
    double stateBytes,
    double diskBytes,
    double diskWrite,
    double kafkaIn,
    double shuffle,
    double kafkaOut,
    double checkpointBytes,
    double checkpointUpload,
    double restoreSeconds) {

  private static final double SLACK = 2;

  /**
   * Computes the needs.
   *
   * @param sequences number of all sequences, active or not, at their full state size
   * @param queriesPerSecond query records per second
   * @param taskManagers number of task managers that share the state
   */
  public static Needs of(
      Workload load,
      Traffic traffic,
      UnitCosts costs,
      double sequences,
      double queriesPerSecond,
      int taskManagers) {
    double tokens = load.activity().tokensPerSecond();
    double state = sequences * load.bytes().atRest();
    double checkpoint = traffic.put() * costs.uploaded();
    return new Needs(
        1e-6
            * (tokens * (costs.microsPerFold() + costs.microsPerRecord())
                + queriesPerSecond * costs.microsPerQuery()),
        state,
        SLACK * state,
        traffic.put() * costs.rewritten() / load.interval(),
        tokens * costs.recordBytes(),
        tokens * costs.shuffledBytes() * (taskManagers - 1) / taskManagers,
        queriesPerSecond * costs.replyBytes(),
        checkpoint,
        checkpoint / load.interval(),
        state / taskManagers / costs.restoreBytesPerSecond());
  }
}
