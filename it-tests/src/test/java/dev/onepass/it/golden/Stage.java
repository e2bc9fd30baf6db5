// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.nio.file.Path;
import java.util.Map;

/** A job that is led to the state of a golden savepoint. */
final class Stage {

  private final GoldenCluster cluster;
  private final Conversation conversation;
  private final Map<String, String> options;
  private final Path savepoints;

  /** Prepares a job that is not started yet. */
  Stage(
      GoldenCluster cluster,
      Conversation conversation,
      Map<String, String> options,
      Path savepoints) {
    this.cluster = cluster;
    this.conversation = conversation;
    this.options = options;
    this.savepoints = savepoints;
  }

  /** Starts the job without state. */
  void start() throws Exception {
    cluster.submit(options, null);
  }

  /** Stops the job with a savepoint and starts it from there. */
  void restart() throws Exception {
    cluster.submit(options, cluster.stop(savepoints));
  }

  /** Sends the records of a step and waits for what the job writes. */
  Step play(StepBuilder step) throws Exception {
    return conversation.play(step.build());
  }

  /** Writes an anchor set to the anchors topic. */
  void publish(String head, byte[] set) throws Exception {
    conversation.publish(head, set);
  }

  /** Deletes the tokens topic, creates it again, and waits until the job has noticed. */
  void renewTokens(Tokens older) throws Exception {
    conversation.renewTokens();
    conversation.awaitMark(older.sequence(), older.head());
  }
}
