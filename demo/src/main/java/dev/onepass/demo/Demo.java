// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.report.Comparison;
import dev.onepass.demo.report.Outcome;
import dev.onepass.demo.report.Report;
import dev.onepass.demo.report.SecondSketch;
import dev.onepass.demo.run.BuiltFiles;
import dev.onepass.demo.run.Commands;
import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.run.DemoOptions;
import dev.onepass.demo.run.Extraction;
import dev.onepass.demo.run.HeadAnchors;
import dev.onepass.demo.run.JobConfig;
import dev.onepass.demo.run.Stages;
import dev.onepass.demo.run.Topics;
import dev.onepass.demo.run.Workspace;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Replies;
import dev.onepass.demo.traffic.Sender;
import dev.onepass.demo.traffic.Traffic;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.testkit.bytes.ByteSize;
import dev.onepass.testkit.embedded.EmbeddedFlink;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command of the demo. Its help says what it does. */
@Command(
    name = "java -jar onepass-demo.jar",
    sortOptions = false,
    description = {
      "Streams real attention heads through a Kafka broker and the Onepass job on a",
      "Flink cluster, all in this process, and compares the job's answers with exact",
      "attention.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every query was answered, every answer is plausible and no token was lost",
      "1:a token or an answer was lost, an answer is implausible, or the job failed",
      "2:a step failed; standard error says which"
    })
public final class Demo implements Callable<Integer> {
  private static final int PARTITIONS = 4;
  private static final int PARALLELISM = 2;

  /** Upper bound on the bytes of a token as a JSON record in Kafka. */
  private static final long RECORD_BYTES = 1_000;

  /** Space for RocksDB, checkpoints and the broker's fixed files. */
  private static final long ROOM_BYTES = 512L << 20;

  @Mixin private DemoOptions options;

  private Demo() {}

  /**
   * Runs the demo and ends the JVM with its exit code.
   *
   * @param args options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs the demo, which prints to the standard streams, and returns the exit code. */
  static int run(String... args) {
    return Commands.run(new Demo(), args);
  }

  @Override
  public Integer call() {
    Workspace workspace = null;
    try {
      options.check();
      workspace = Workspace.create();
      return run(workspace);
    } catch (DemoException e) {
      say(workspace, e.getMessage());
      return e.exitCode();
    } catch (IOException e) {
      say(workspace, sentence(e));
      return DemoException.IMPOSSIBLE;
    } catch (RuntimeException e) {
      say(workspace, "Internal error of the demo: " + e);
      if (options.log != null) {
        e.printStackTrace();
      }
      return DemoException.FAILED;
    } finally {
      if (workspace != null) {
        workspace.close();
      }
    }
  }

  private static void say(Workspace workspace, String sentence) {
    // After Ctrl-C the interrupted step fails; that needs no message.
    if (workspace == null || !workspace.isClosed()) {
      System.err.println(sentence);
    }
  }

  private static String sentence(IOException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    String kind = e instanceof FileSystemException ? e.getClass().getSimpleName() + ": " : "";
    return "Not possible: " + kind + message + ".";
  }

  private Integer run(Workspace workspace) throws DemoException, IOException {
    // Before the first logger and the first native library.
    Path log = options.log == null ? workspace.directory().resolve("demo.log") : options.log;
    System.setProperty("log4j2.configurationFile", "onepass-demo-log4j2.xml");
    System.setProperty("onepass.demo.log", log.toAbsolutePath().toString());
    System.setProperty("DJL_CACHE_DIR", workspace.directory().resolve("djl").toString());
    Ports.check(options.kafkaPort);
    Ports.check(options.uiPort);
    Path job = BuiltFiles.jobJar();
    Path text = options.text == null ? BuiltFiles.text() : options.text;
    checkRoom(workspace.directory());

    Stages stages = new Stages();
    Map<HeadName, HeadRows> rows = Extraction.rows(text, options.heads(), options.tokens);
    stages.done("attention heads");
    HeadAnchors anchors =
        options.sketch.usesAnchors() ? HeadAnchors.make(rows, options.seed) : HeadAnchors.NONE;
    Path anchorFile = null;
    if (!anchors.isEmpty()) {
      anchorFile = workspace.directory().resolve("heads.anchors");
      anchors.write(anchorFile);
      stages.done("anchor sets");
    }
    Plan plan =
        Plan.draw(
            options.heads(),
            options.tokens,
            options.queries,
            options.shortSequences,
            options.longestShort(JobConfig.TOKEN_BYTES),
            options.seed);

    System.err.println("Starting a Kafka broker and a Flink cluster ...");
    EmbeddedKafka kafka =
        workspace.add(
            EmbeddedKafka.start(workspace.directory().resolve("kafka"), options.kafkaPort));
    for (String topic : Topics.ALL) {
      // Timestamps may be older than the retention.
      kafka.createTopic(topic, PARTITIONS, Map.of("retention.ms", "-1"));
    }
    EmbeddedFlink flink =
        workspace.add(
            EmbeddedFlink.start(
                workspace.directory().resolve("flink"),
                PARALLELISM,
                options.uiPort,
                new Configuration()));
    Path config = workspace.directory().resolve("job.yaml");
    JobConfig.write(config, JobConfig.options(options, kafka.bootstrapServers(), anchorFile));
    FlinkJob running = flink.submit(job, "--config", config.toString());
    workspace.add(running::cancel);
    running.awaitRunning(Duration.ofSeconds(60));

    Replies replies = workspace.add(Replies.ofAllTime(kafka.bootstrapServers()));
    boolean timestamps = options.decay.isOn() && !options.decay.byTokens();
    Sender sender = workspace.add(new Sender(kafka.bootstrapServers(), rows, timestamps));
    stages.done("Kafka and Flink");
    new Traffic(plan, sender, replies, running).run();

    stages.done("stream");
    System.err.println("Computing exact attention for comparison ...");
    Comparison comparison = new Comparison(rows, options.decay);
    Outcome outcome = Outcome.of(plan, replies, anchors, comparison);
    List<SecondSketch> others = others(plan, rows, comparison);
    stages.done("comparison");
    System.out.println();
    System.out.print(
        new Report(outcome, options.sketch.name(), anchors, others, options.decayWords()));
    System.out.println("Took " + stages + ".");
    List<String> problems = outcome.problems();
    problems.forEach(problem -> System.err.println("PROBLEM: " + problem));
    if (options.keepRunning) {
      keepRunning(kafka, flink, running);
    }
    return problems.isEmpty() ? 0 : DemoException.FAILED;
  }

  /**
   * Runs the polynomial sketch for comparison, unless the job runs it or keeps all tokens, and with
   * decay exact attention without it.
   */
  private List<SecondSketch> others(
      Plan plan, Map<HeadName, HeadRows> rows, Comparison comparison) {
    List<SecondSketch> others = new ArrayList<>();
    SketchFamily polynomial = PolynomialFamily.INSTANCE;
    if (options.sketch != polynomial && options.sketch != ExactFamily.INSTANCE) {
      try {
        int bytes = Math.toIntExact(options.stateSize(JobConfig.TOKEN_BYTES));
        others.add(SecondSketch.run(polynomial, bytes, options.decay, plan, rows, comparison));
      } catch (IllegalArgumentException e) {
        System.err.println(
            "No comparison with %s: %s.".formatted(polynomial.name(), e.getMessage()));
      }
    }
    if (options.decay.isOn()) {
      others.add(SecondSketch.withoutDecay(plan, rows, comparison));
    }
    return others;
  }

  private void checkRoom(Path directory) throws DemoException, IOException {
    long records = (long) options.tokens * options.heads().size();
    long disk = records * RECORD_BYTES + ROOM_BYTES;
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < disk) {
      throw new DemoException(
          DemoException.IMPOSSIBLE,
          "The temporary directory %s has %s free, but the run needs about %s. Use fewer --tokens or set -Djava.io.tmpdir."
              .formatted(directory.getParent(), ByteSize.format(free), ByteSize.format(disk)));
    }
    // Three arrays for each head, and 1 GiB for everything else.
    long heap = records * Extraction.MODEL.dim() * Float.BYTES * 3 + (1L << 30);
    if (Runtime.getRuntime().maxMemory() < heap) {
      throw new DemoException(
          DemoException.IMPOSSIBLE,
          "The run needs about %s of heap, but may use only %s. Use fewer --tokens or set -Xmx."
              .formatted(ByteSize.format(heap), ByteSize.format(Runtime.getRuntime().maxMemory())));
    }
  }

  private void keepRunning(EmbeddedKafka kafka, EmbeddedFlink flink, FlinkJob running)
      throws DemoException {
    System.err.println(
        "Still running; press Ctrl-C to stop. Kafka: %s, topics %s.%s"
            .formatted(
                kafka.bootstrapServers(),
                String.join(", ", Topics.ALL),
                options.uiPort == 0 ? "" : " Flink: " + flink.webAddress()));
    try {
      while (running.failure().isEmpty()) {
        Thread.sleep(1_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Optional<String> failure = running.failure();
    throw new DemoException(DemoException.FAILED, "The job failed: " + failure.orElseThrow() + ".");
  }
}
