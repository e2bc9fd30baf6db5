// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The phase before the traffic, in which the job learns anchor sets. A sequence that leaves exact
 * mode before its head has an anchor set answers from clusters for good. This phase sends short
 * sessions of the past, which the job answers exactly and learns its sets from, and waits for the
 * sets. It then sends longer sessions until the job has prepared the sets and answers from them.
 */
public final class Learning {
  /** Tokens of a session: few enough for exact answers in any reasonable state size. */
  private static final int SESSION = 64;

  private static final int SESSIONS_A_SECOND = 40;

  /** Tokens of a rehearsal: more than fit into most state sizes. */
  private static final int REHEARSAL = 1_024;

  /** Rehearsals of each head: enough that every subtask of a small job most likely gets one. */
  private static final int REHEARSALS = 8;

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration REPORT = Duration.ofSeconds(5);

  private final List<HeadName> heads;
  private final int pastRows;
  private final Duration patience;
  private final Consumer<String> words;
  private final Random random;
  private final int sessions;
  private final String run = Long.toString(System.currentTimeMillis(), 36);
  private final long start = System.nanoTime();
  private double reported = Double.NEGATIVE_INFINITY;
  private int begun;

  /**
   * @param anchors number of anchors that the job learns for each head; it needs twice as many
   *     queries and four times as many keys, and 25 % more are sent
   * @param pastRows number of first rows of each head from which sessions are taken; at least 1
   * @param patience maximum duration of the phase
   * @param words accepts lines about the progress
   */
  public Learning(
      List<HeadName> heads,
      int anchors,
      int pastRows,
      Duration patience,
      long seed,
      Consumer<String> words) {
    this.heads = heads;
    this.pastRows = pastRows;
    this.patience = patience;
    this.words = words;
    random = new Random(seed);
    sessions = (int) Math.ceil(1.25 * 4 * anchors / SESSION) * heads.size();
  }

  /** Returns when the job answers from anchor sets, or when the patience is over. */
  public void run(Sender sender, PublishedAnchors anchors, Replies replies) throws DemoException {
    try {
      if (awaitSets(sender, anchors) && rehearse(sender, replies)) {
        words.accept("every head is answered from its anchor set: traffic begins");
      } else {
        words.accept(
            "no answers from anchor sets after %d s, so many sequences will answer from clusters for good; check that the job runs and learns"
                .formatted(patience.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitSets(Sender sender, PublishedAnchors anchors)
      throws DemoException, InterruptedException {
    int ready = 0;
    double lastSet = 0;
    while (!isOver()) {
      Set<String> found = anchors.heads();
      int now = (int) heads.stream().filter(head -> found.contains(head.toString())).count();
      if (now == heads.size()) {
        return true;
      }
      if (now > ready) {
        ready = now;
        lastSet = seconds();
      }
      while (begun < Math.min(sessions, seconds() * SESSIONS_A_SECOND)) {
        session(sender, heads.get(begun % heads.size()), SESSION, SESSION / 2);
      }
      report(sender, progress(seconds(), ready, lastSet));
    }
    return false;
  }

  /**
   * Returns a line about the progress, with the remaining time if it can be estimated.
   *
   * @param seconds since the first session was sent
   * @param ready number of heads that have a set
   * @param lastSet when the latest set arrived, on the scale of {@code seconds}
   */
  String progress(double seconds, int ready, double lastSet) {
    double sending = (double) sessions / SESSIONS_A_SECOND;
    if (seconds < sending) {
      return "learning anchors: sending sessions of the past, %d s left"
          .formatted((int) Math.ceil(sending - seconds));
    }
    String sets = "learning anchors: %d of %d heads have their set".formatted(ready, heads.size());
    if (ready == 0) {
      return sets + ", %d s so far".formatted((int) (seconds - sending));
    }
    double all = sending + (lastSet - sending) / ready * heads.size();
    return sets + ", about %d s left".formatted((int) Math.ceil(Math.max(1, all - seconds)));
  }

  /**
   * Sends rehearsals until all are answered from sets. A session that left exact mode too early
   * stays without a set, so each round uses new sessions.
   */
  private boolean rehearse(Sender sender, Replies replies)
      throws DemoException, InterruptedException {
    while (!isOver()) {
      List<String> asked = new ArrayList<>();
      for (int i = 0; i < REHEARSALS * heads.size(); i++) {
        asked.add(session(sender, heads.get(i % heads.size()), REHEARSAL, 1));
      }
      while (!isOver() && !asked.stream().allMatch(id -> replies.answer(id).isPresent())) {
        report(sender, "learning anchors: every head has its set, the job prepares it");
      }
      if (asked.stream()
          .allMatch(id -> replies.answer(id).filter(Learning::isServed).isPresent())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isServed(Reply.Answer answer) {
    return answer.exact() || answer.anchorsVersion() > 0;
  }

  /** Sends a session of the past with a query at its end, and returns the query's id. */
  private String session(Sender sender, HeadName head, int tokens, int vectors) {
    int length = Math.min(tokens, pastRows);
    int firstRow = random.nextInt(pastRows - length + 1);
    String id = "%s-%s-past-%04d".formatted(head, run, begun++);
    Sequence session = new Sequence(id, head, firstRow, length);
    for (int position = 0; position < length; position++) {
      sender.token(session, position);
    }
    int[] rows = random.ints(vectors, 0, pastRows).toArray();
    Question question = new Question("past-" + id, session, rows, length);
    sender.query(question);
    return question.id();
  }

  private void report(Sender sender, String line) throws DemoException, InterruptedException {
    sender.checkDelivery();
    if (seconds() - reported >= REPORT.toSeconds()) {
      reported = seconds();
      words.accept(line);
    }
    Thread.sleep(TICK.toMillis());
  }

  private boolean isOver() {
    return seconds() > patience.toSeconds();
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }
}
