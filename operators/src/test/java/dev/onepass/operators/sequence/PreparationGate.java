// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Blocks preparations while it is closed, and can make the next one fail. */
final class PreparationGate {

  private static final Phaser CLOSED =
      new Phaser() {
        /** The gate can be closed again. */
        @Override
        protected boolean onAdvance(int phase, int registeredParties) {
          return false;
        }
      };

  private static final AtomicReference<Error> FAILURE = new AtomicReference<>();

  private PreparationGate() {}

  public static void close() {
    CLOSED.register();
  }

  public static void open() {
    CLOSED.arriveAndDeregister();
  }

  public static void failNext(Error failure) {
    FAILURE.set(failure);
  }

  /** Returns an executor whose thread passes the gate before each task. */
  public static ExecutorService worker() {
    return new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
      @Override
      public <T> Future<T> submit(Callable<T> work) {
        return super.submit(
            () -> {
              if (CLOSED.getRegisteredParties() > 0) {
                CLOSED.awaitAdvanceInterruptibly(CLOSED.getPhase());
              }
              Error failure = FAILURE.getAndSet(null);
              if (failure != null) {
                throw failure;
              }
              return work.call();
            });
      }
    };
  }
}
