package dev.onepass.demo;

import dev.onepass.demo.Plan.Question;
import dev.onepass.demo.Plan.Sequence;
import dev.onepass.demo.heads.HeadName;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The time before the traffic proper: sends short sessions of the past, which the job answers
 * exactly and learns its anchor sets from, and waits for the sets. A sequence that leaves exact
 * mode before its head has a set would never state an error.
 */
final class Learning {
  /** Tokens of a session: few enough to be answered exactly in any state size worth having. */
  private static final int SESSION = 64;

  private static final int SESSIONS_A_SECOND = 40;
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration REPORT = Duration.ofSeconds(5);

  private final List<HeadName> heads;
  private final int pastRows;
  private final Duration patience;
  private final Consumer<String> words;
  private final Random random;
  private final int sessions;
  private final int vectors;

  /**
   * @param anchors that the job is to learn for each head; twice as many queries and four times as
   *     many keys are sent, which is what it wants, and a quarter more
   * @param pastRows first rows of each head, which the sessions are taken from; at least one
   * @param patience how long to wait for the sets at most
   * @param words is told how far it is
   */
  Learning(
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
    int ofAHead = (int) Math.ceil(1.25 * 4 * anchors / SESSION);
    sessions = ofAHead * heads.size();
    // As the keys are to the queries, so are a session's tokens to its query vectors.
    vectors = SESSION / 2;
  }

  /** Sends the sessions, unless all heads have sets, and waits until they have. */
  void run(Sender sender, PublishedAnchors anchors) throws DemoException {
    String run = Long.toString(System.currentTimeMillis(), 36);
    long start = System.nanoTime();
    long reported = 0;
    int sent = 0;
    while (true) {
      double seconds = (System.nanoTime() - start) / 1e9;
      Set<String> found = anchors.heads();
      int ready = (int) heads.stream().filter(head -> found.contains(head.toString())).count();
      if (ready == heads.size()) {
        words.accept("every head has its anchor set: traffic begins");
        return;
      }
      if (seconds > patience.toSeconds()) {
        words.accept(
            "%d of %d heads have no anchor set after %d s, so their answers will state no error: does the job run, and learn?"
                .formatted(heads.size() - ready, heads.size(), patience.toSeconds()));
        return;
      }
      for (; sent < Math.min(sessions, seconds * SESSIONS_A_SECOND); sent++) {
        session(sender, run, sent);
      }
      sender.checkDelivery();
      if (reported == 0 || System.nanoTime() - reported > REPORT.toNanos()) {
        reported = System.nanoTime();
        words.accept(progress(seconds, ready));
      }
      try {
        Thread.sleep(TICK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** How far it is, as a line: what is done, and how long it takes still if that can be told. */
  String progress(double seconds, int ready) {
    double sending = (double) sessions / SESSIONS_A_SECOND;
    if (seconds < sending) {
      return "learning anchors: sending sessions of the past, %d s left"
          .formatted((int) Math.ceil(sending - seconds));
    }
    String sets = "learning anchors: %d of %d heads have their set".formatted(ready, heads.size());
    double each = (seconds - sending) / Math.max(1, ready);
    return ready == 0
        ? sets
        : sets + ", about %d s left".formatted((int) Math.ceil(each * (heads.size() - ready)));
  }

  private void session(Sender sender, String run, int number) {
    HeadName head = heads.get(number % heads.size());
    int length = Math.min(SESSION, pastRows);
    int firstRow = random.nextInt(pastRows - length + 1);
    String id = "%s-%s-past-%04d".formatted(head, run, number);
    Sequence session = new Sequence(id, head, firstRow, length);
    for (int position = 0; position < length; position++) {
      sender.token(session, position);
    }
    int[] rows = random.ints(vectors, 0, pastRows).toArray();
    sender.query(new Question("past-" + id, session, rows, length));
  }
}
