package dev.onepass.demo.run;

import dev.onepass.datasets.minilm.HeadName;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.testkit.bytes.ByteSize;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of the command line. */
public final class DemoOptions {
  /** Tokens of a short sequence at most. */
  private static final int LONGEST_SHORT = 80;

  private static final long DEFAULT_STATE = 128 << 10;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Tokens of the long sequence of each head (default: ${DEFAULT-VALUE}).")
  public int tokens;

  @Option(
      names = "--heads",
      paramLabel = "LxHy,...",
      defaultValue = "L0H7,L3H9,L1H8",
      converter = HeadsConverter.class,
      description = {
        "Attention heads of all-MiniLM-L6-v2, layers L0 to L5, heads H0 to H11",
        "(default: ${DEFAULT-VALUE}: a flat, a medium and a sharp one)."
      })
  private Heads heads;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = {
        "Text that the model reads: a plain file, or a jar or zip whose text files are read",
        "(default: the sources of Kafka's client library, put beside the demo when it was built)."
      })
  public Path text;

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "512",
      description = "Query vectors for each long sequence (default: ${DEFAULT-VALUE}).")
  public int queries;

  @Option(
      names = "--short-sequences",
      paramLabel = "N",
      defaultValue = "300",
      description = "Short sequences in all (default: ${DEFAULT-VALUE}).")
  public int shortSequences;

  @Option(
      names = "--state-size",
      paramLabel = "SIZE",
      converter = Size.class,
      description = {
        "Bytes that the job may keep for one sequence",
        "(default: 128KiB; with --sketch exact as much as the tokens need)."
      })
  private Long stateSize;

  @Option(
      names = "--sketch",
      paramLabel = "NAME",
      defaultValue = "hybrid",
      converter = Family.class,
      description = {
        "What the job keeps of a long sequence: hybrid, anchors, cluster, polynomial, onepass, ridge",
        "or exact (default: ${DEFAULT-VALUE}). hybrid and anchors get anchor sets, made of the first",
        "30 %% of each head's queries and keys."
      })
  public SketchFamily sketch;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of the Kafka broker on localhost (default: any that is free).")
  public int kafkaPort;

  @Option(
      names = "--ui-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of Flink's web pages on localhost (default: not announced).")
  public int uiPort;

  @Option(
      names = "--keep-running",
      description = "After the report keep everything up until Ctrl-C, for queries of your own.")
  public boolean keepRunning;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Draws queries, short sequences and anchors (default: ${DEFAULT-VALUE}).")
  public long seed;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "Keeps what Kafka and Flink have to say (default: not kept).")
  public Path log;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  boolean help;

  /** The heads wanted, at least one. */
  public List<HeadName> heads() {
    return heads.names();
  }

  /** Says which option has a value that cannot be. */
  public void check() throws DemoException {
    atLeast("--tokens", tokens, 1);
    atLeast("--queries", queries, 1);
    atLeast("--short-sequences", shortSequences, 0);
    port("--kafka-port", kafkaPort);
    port("--ui-port", uiPort);
  }

  /**
   * Bytes that the job may keep for one sequence.
   *
   * @param tokenBytes of a token kept as it came
   */
  public long stateSize(int tokenBytes) {
    if (stateSize != null) {
      return stateSize;
    }
    // Whatever the job adds for its own order, twice the tokens' bytes is enough.
    return sketch == ExactFamily.INSTANCE
        ? Math.max(DEFAULT_STATE, 2L * tokens * tokenBytes)
        : DEFAULT_STATE;
  }

  /**
   * A short sequence stays in the quarter of the state that keeps the newest tokens as they are.
   */
  public int longestShort(int tokenBytes) {
    return (int) Math.max(1, Math.min(LONGEST_SHORT, stateSize(tokenBytes) / 4 / tokenBytes));
  }

  /** Throws a sentence if an option's value is below the least that makes sense. */
  public static void atLeast(String option, int value, int least) throws DemoException {
    if (value < least) {
      throw new DemoException(
          DemoException.IMPOSSIBLE, option + " must be at least " + least + ", not " + value + ".");
    }
  }

  private static void port(String option, int value) throws DemoException {
    if (value < 0 || value > 65_535) {
      throw new DemoException(
          DemoException.IMPOSSIBLE, option + " must be a port from 0 to 65535, not " + value + ".");
    }
  }

  /** One value for picocli, which would take a list for several options. */
  public record Heads(List<HeadName> names) {}

  /** Reads the names of heads. */
  public static final class HeadsConverter implements ITypeConverter<Heads> {
    @Override
    public Heads convert(String value) {
      try {
        return new Heads(HeadName.parseAll(value));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private static final class Family implements ITypeConverter<SketchFamily> {
    @Override
    public SketchFamily convert(String value) {
      return SketchFamilies.byName(value)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "there is no sketch '%s'; there are %s"
                          .formatted(
                              value,
                              SketchFamilies.all().stream()
                                  .map(SketchFamily::name)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  private static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return ByteSize.parse(value);
      } catch (ArithmeticException | IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
