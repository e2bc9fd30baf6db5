// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo;

import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.run.BuiltFiles;
import dev.onepass.demo.run.Commands;
import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.run.DemoOptions;
import dev.onepass.demo.run.Extraction;
import dev.onepass.demo.traffic.Learning;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.demo.traffic.PublishedAnchors;
import dev.onepass.demo.traffic.Replies;
import dev.onepass.demo.traffic.Sender;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command that streams attention heads to the brokers of a deployed job until it is stopped.
 * Its help says what it does.
 */
@Command(
    name = "java -cp onepass-demo.jar dev.onepass.demo.Produce",
    sortOptions = false,
    description = {
      "Computes attention heads over a text. Then sends their tokens as JSON to",
      "attention.tokens and queries to attention.queries of running brokers, at a",
      "constant rate until it is stopped. Sequences are sessions: each head has a few",
      "at a time, and a new one begins when one ends. Before that, sends short",
      "sessions of the first 30 % of the text, from which the job learns anchor sets,",
      "and waits until the job answers from an anchor set for each head.",
      ""
    })
final class Produce implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(20);
  private static final Duration REPORT = Duration.ofSeconds(10);

  @Option(
      names = "--bootstrap-server",
      paramLabel = "HOST:PORT",
      required = true,
      description = "Comma-separated brokers.")
  private String bootstrapServer;

  @Option(
      names = "--heads",
      paramLabel = "LxHy,...",
      defaultValue = "L0H7,L3H9,L1H2",
      converter = DemoOptions.HeadsConverter.class,
      description = "Attention heads of all-MiniLM-L6-v2 (default: ${DEFAULT-VALUE}).")
  private DemoOptions.Heads heads;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = {
        "Text that the model reads: a plain file, or a jar or zip whose text files are read",
        "(default: the sources of Kafka's client library, which the build puts next to the demo)."
      })
  private Path text;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "24576",
      description = "Rows of each head that the model computes (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--anchors",
      paramLabel = "N",
      defaultValue = "2048",
      description = {
        "The job's anchors.count: enough of the past is sent to learn this many anchors. With 0,",
        "traffic begins at once (default: ${DEFAULT-VALUE})."
      })
  private int anchors;

  @Option(
      names = "--anchors-within",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "Maximum wait for anchor sets before traffic begins (default: ${DEFAULT-VALUE}).")
  private int anchorsWithin;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Concurrent sessions of each head (default: ${DEFAULT-VALUE}).")
  private int sessions;

  @Option(
      names = "--session-tokens",
      paramLabel = "N",
      defaultValue = "12000",
      description = "Maximum number of tokens of a session (default: ${DEFAULT-VALUE}).")
  private int sessionTokens;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      defaultValue = "1200",
      description = "Tokens per second of all sessions together (default: ${DEFAULT-VALUE}).")
  private int tokensPerSecond;

  @Option(
      names = "--queries-per-second",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Query records per second of all sessions together (default: ${DEFAULT-VALUE}).")
  private int queriesPerSecond;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of the random sessions and queries (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  private Produce() {}

  /**
   * Runs the command and ends the JVM with its exit code.
   *
   * @param args options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.setProperty("log4j2.configurationFile", "onepass-producer-log4j2.xml");
    System.exit(Commands.run(new Produce(), args));
  }

  @Override
  public Integer call() {
    try {
      check();
      Path read = text == null ? BuiltFiles.text() : text;
      try (PublishedAnchors published = PublishedAnchors.open(bootstrapServer)) {
        Map<HeadName, HeadRows> rows = Extraction.rows(read, heads.names(), tokens);
        try (Sender sender = new Sender(bootstrapServer, rows)) {
          if (anchors > 0) {
            try (Replies replies = Replies.fromNowOn(bootstrapServer)) {
              learning().run(sender, published, replies);
            }
          }
          stream(sender);
        }
      }
      return 0;
    } catch (DemoException e) {
      System.err.println(e.getMessage());
      return e.exitCode();
    } catch (IOException e) {
      System.err.println("Not possible: " + e.getMessage() + ".");
      return DemoException.IMPOSSIBLE;
    }
  }

  private Learning learning() {
    Duration patience = Duration.ofSeconds(anchorsWithin);
    return new Learning(heads.names(), anchors, pastRows(), patience, seed, System.err::println);
  }

  /** Returns how many rows, from the first on, the job learns from; the traffic uses the others. */
  private int pastRows() {
    return Math.max(1, EarlyAnchors.rows(tokens));
  }

  private void check() throws DemoException {
    DemoOptions.atLeast("--tokens", tokens, 2);
    DemoOptions.atLeast("--anchors", anchors, 0);
    DemoOptions.atLeast("--anchors-within", anchorsWithin, 0);
    DemoOptions.atLeast("--sessions", sessions, 1);
    DemoOptions.atLeast("--session-tokens", sessionTokens, 1);
    DemoOptions.atLeast("--tokens-per-second", tokensPerSecond, 1);
    DemoOptions.atLeast("--queries-per-second", queriesPerSecond, 0);
  }

  /**
   * Sends the records that are due at each tick, until the thread is interrupted or a record fails.
   */
  private void stream(Sender sender) throws DemoException {
    Sessions running = new Sessions();
    long start = System.nanoTime();
    long reported = start;
    long tokensSent = 0;
    long queriesSent = 0;
    while (true) {
      double seconds = (System.nanoTime() - start) / 1e9;
      for (long due = (long) (seconds * tokensPerSecond); tokensSent < due; tokensSent++) {
        running.sendToken(sender);
      }
      for (long due = (long) (seconds * queriesPerSecond); queriesSent < due; queriesSent++) {
        running.sendQuery(sender, queriesSent);
      }
      sender.checkDelivery();
      if (System.nanoTime() - reported > REPORT.toNanos()) {
        reported = System.nanoTime();
        System.err.printf("%d tokens and %d queries sent%n", tokensSent, queriesSent);
      }
      try {
        Thread.sleep(TICK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** The current sessions, with the number of tokens sent to each. */
  private final class Sessions {
    private final Random random = new Random(seed);
    private final String run = Long.toString(System.currentTimeMillis(), 36);
    private final List<Sequence> current = new ArrayList<>();
    private final int[] sent = new int[heads.names().size() * sessions];
    private int begun;
    private int next;

    Sessions() {
      for (int slot = 0; slot < sent.length; slot++) {
        current.add(begin(slot));
      }
    }

    private Sequence begin(int slot) {
      HeadName head = heads.names().get(slot % heads.names().size());
      int rows = tokens - pastRows();
      int length = 1 + random.nextInt(Math.min(sessionTokens, rows));
      int firstRow = pastRows() + random.nextInt(rows - length + 1);
      // Sessions of a later run are other sequences, so their positions start at 0 again.
      return new Sequence("%s-%s-%04d".formatted(head, run, begun++), head, firstRow, length);
    }

    void sendToken(Sender sender) {
      int slot = next++ % sent.length;
      if (sent[slot] == current.get(slot).tokens()) {
        current.set(slot, begin(slot));
        sent[slot] = 0;
      }
      sender.token(current.get(slot), sent[slot]++);
    }

    void sendQuery(Sender sender, long number) {
      int slot = random.nextInt(sent.length);
      int[] rows = random.ints(Plan.SHORT_VECTORS, pastRows(), tokens).toArray();
      String id = "%s-%06d".formatted(run, number);
      sender.query(new Question(id, current.get(slot), rows, sent[slot]));
    }
  }
}
