// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import dev.onepass.datasets.progress.Progress;
import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.testkit.embedded.FlinkJob;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import me.tongfei.progressbar.ProgressBar;

/** Streams a plan through the job and waits for the answers. */
public final class Traffic {
  private static final long POLL_MILLIS = 100;

  /** Frequent enough to see when the job begins to fold, and rare enough to cost nothing. */
  private static final long PROBE_NANOS = Duration.ofMillis(250).toNanos();

  /** Time without a new answer or accepted token after which the run stops waiting. */
  private static final long STALL_NANOS = Duration.ofSeconds(60).toNanos();

  private final Plan plan;
  private final Sender sender;
  private final Replies replies;
  private final FlinkJob job;
  private long probedNanos;
  private int probes;

  public Traffic(Plan plan, Sender sender, Replies replies, FlinkJob job) {
    this.plan = plan;
    this.sender = sender;
    this.replies = replies;
    this.job = job;
  }

  /**
   * Sends all tokens and queries, waits for the answers, then queries the state of every sequence.
   *
   * @throws DemoException if the job fails; missing answers cause no exception
   */
  public void run() throws DemoException {
    List<Sequence> sequences = plan.sequences();
    try (ProgressBar answered =
        Progress.bar("queries answered", plan.questions().size() + sequences.size())) {
      try (ProgressBar sent = Progress.bar("tokens sent", plan.tokens())) {
        sender.send(
            plan,
            tokens -> {
              sent.stepTo(tokens);
              look(answered, 0);
            });
      }
      await(answered, 0, plan.questions().size(), replies::answered);
      answered.setExtraMessage("");
      sequences.forEach(sequence -> sender.stats(sequence.statsId(), sequence));
      await(answered, plan.questions().size(), sequences.size(), () -> statsOf(sequences));
    }
  }

  private int statsOf(List<Sequence> sequences) {
    return (int)
        sequences.stream()
            .filter(sequence -> replies.stats(sequence.statsId()).isPresent())
            .count();
  }

  private void await(ProgressBar bar, int before, int wanted, IntSupplier have)
      throws DemoException {
    long progress = -1;
    long progressNanos = System.nanoTime();
    while (have.getAsInt() < wanted && System.nanoTime() - progressNanos < STALL_NANOS) {
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      look(bar, before);
      if (before > 0) {
        bar.stepTo(before + have.getAsInt());
      }
      long now = have.getAsInt() + replies.accepted();
      if (now != progress) {
        progress = now;
        progressNanos = System.nanoTime();
      }
    }
    bar.stepTo(before + have.getAsInt());
  }

  /** Checks for failures, and from time to time queries the state of the long sequences. */
  private void look(ProgressBar bar, int before) throws DemoException {
    Optional<String> failure = job.failure();
    if (failure.isPresent()) {
      throw new DemoException(DemoException.FAILED, "The job failed: " + failure.get() + ".");
    }
    if (replies.failure().isPresent()) {
      throw new DemoException(DemoException.FAILED, replies.failure().get());
    }
    if (before == 0) {
      bar.stepTo(replies.answered());
    }
    if (before == 0 && System.nanoTime() - probedNanos > PROBE_NANOS) {
      probedNanos = System.nanoTime();
      probes++;
      for (Sequence sequence : plan.longSequences()) {
        sender.stats("progress-%d-%s".formatted(probes, sequence.id()), sequence);
      }
      bar.setExtraMessage(" %d tokens folded".formatted(replies.accepted()));
    }
  }
}
