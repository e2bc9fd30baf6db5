package dev.onepass.it.chaos;

import java.util.concurrent.CompletableFuture;

/** Work that goes on beside a test, on a thread of its own. */
final class Background {

  private Background() {}

  static CompletableFuture<Void> run(String name, Runnable work) {
    return CompletableFuture.runAsync(
        work,
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          thread.start();
        });
  }
}
