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

/** Streams a plan through the job and waits for what comes back. */
public final class Traffic {
  private static final long POLL_MILLIS = 100;

  /** Often enough to see when the job begins to fold, and seldom enough to cost nothing. */
  private static final long PROBE_NANOS = Duration.ofMillis(250).toNanos();

  /** So long without a new answer or an accepted token, and the rest is given up. */
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
   * Sends everything, waits for the answers, then asks for the state of every sequence.
   *
   * @throws DemoException when the job fails; answers that merely stay away are no exception
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

  /** Surfaces failures, and asks the job now and then how far the long sequences are. */
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
