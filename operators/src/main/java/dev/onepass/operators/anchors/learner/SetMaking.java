// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorsTopic;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes anchor sets on another thread, one at a time, so that memory holds the samples of only one
 * head. Used by the task thread alone.
 */
final class SetMaking implements AutoCloseable {

  private final AnchorsTopic topic;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "onepass-anchors");
            thread.setDaemon(true);
            return thread;
          });

  /** Name of the head whose set is being made, or null. */
  private String head;

  private Future<Outcome> result;

  SetMaking(AnchorsTopic topic) {
    this.topic = topic;
  }

  /** Returns whether no set is being made, so that {@link #begin} may be called. */
  boolean isIdle() {
    return head == null;
  }

  /** Returns whether the set of this head is being made, or is made and not taken yet. */
  boolean isOf(String name) {
    return name.equals(head);
  }

  /** Begins to make a set. */
  void begin(SetOrder order) {
    head = order.head().name();
    result = executor.submit(() -> order.make(topic));
  }

  /** Returns whether {@link #take} returns at once. */
  boolean isDone() {
    return result.isDone();
  }

  /** Takes the result of the set that is being made; waits for it. */
  Outcome take() throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      return new Outcome.Failed(e.getCause());
    } finally {
      clear();
    }
  }

  /** Stops making the set of this head, if it is being made. */
  void cancel(String name) {
    if (isOf(name)) {
      result.cancel(true);
      clear();
    }
  }

  private void clear() {
    head = null;
    result = null;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
