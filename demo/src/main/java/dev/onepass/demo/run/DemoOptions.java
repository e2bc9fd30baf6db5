// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.testkit.bytes.ByteSize;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of the command line. */
public final class DemoOptions {
  /** Maximum number of tokens of a short sequence. */
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
        "(default: ${DEFAULT-VALUE}: one with flat, one with medium and one with sharp attention)."
      })
  private Heads heads;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = {
        "Text that the model reads: a plain file, or a jar or zip whose text files are read",
        "(default: the sources of Kafka's client library, which the build puts next to the demo)."
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
      description = "Total number of short sequences (default: ${DEFAULT-VALUE}).")
  public int shortSequences;

  @Option(
      names = "--state-size",
      paramLabel = "SIZE",
      converter = Size.class,
      description = {
        "Bytes that the job may keep for one sequence",
        "(default: 128KiB; with --sketch exact, enough for all tokens)."
      })
  private Long stateSize;

  @Option(
      names = "--sketch",
      paramLabel = "NAME",
      defaultValue = "hybrid",
      converter = Family.class,
      description = {
        "Sketch of a long sequence: hybrid, anchors, cluster, polynomial, onepass, ridge or exact",
        "(default: ${DEFAULT-VALUE}). hybrid and anchors use anchor sets made from the first 30 %% of",
        "the queries and keys of each head."
      })
  public SketchFamily sketch;

  @Option(
      names = "--decay",
      paramLabel = "HALF-LIFE",
      converter = HalfLife.class,
      description = {
        "Half-life of the weights of tokens: a duration such as 10m (ms, s, m, h or d), with a token",
        "of each sequence every 50 ms, or a number of tokens such as 8192 (default: no decay)."
      })
  public Decay decay = Decay.NONE;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of the Kafka broker on localhost (default: any free port).")
  public int kafkaPort;

  @Option(
      names = "--ui-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description =
          "Port of Flink's web interface on localhost (default: any free port, not printed).")
  public int uiPort;

  @Option(
      names = "--keep-running",
      description =
          "Keeps broker and job running after the report until Ctrl-C, for your own queries.")
  public boolean keepRunning;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description =
          "Seed of the random queries, short sequences and anchors (default: ${DEFAULT-VALUE}).")
  public long seed;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "Writes the log of Kafka and Flink to this file (default: no log).")
  public Path log;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  boolean help;

  /** Returns the heads, at least one. */
  public List<HeadName> heads() {
    return heads.names();
  }

  /** Returns the half-life in words; empty without decay. */
  public String decayWords() {
    return decay.isOn() ? HalfLife.words(decay) : "";
  }

  /** Checks the values of the options. */
  public void check() throws DemoException {
    atLeast("--tokens", tokens, 1);
    atLeast("--queries", queries, 1);
    atLeast("--short-sequences", shortSequences, 0);
    port("--kafka-port", kafkaPort);
    port("--ui-port", uiPort);
  }

  /**
   * Returns how many bytes the job may keep for one sequence.
   *
   * @param tokenBytes bytes of the key and the value of a token
   */
  public long stateSize(int tokenBytes) {
    if (stateSize != null) {
      return stateSize;
    }
    // Twice the bytes of the tokens is enough, including all that the job adds.
    return sketch == ExactFamily.INSTANCE
        ? Math.max(DEFAULT_STATE, 2L * tokens * tokenBytes)
        : DEFAULT_STATE;
  }

  /**
   * Returns the maximum number of tokens of a short sequence, which fits in the quarter of the
   * state that holds pending tokens.
   */
  public int longestShort(int tokenBytes) {
    return (int) Math.max(1, Math.min(LONGEST_SHORT, stateSize(tokenBytes) / 4 / tokenBytes));
  }

  /** Checks that the value of an option is at least a minimum. */
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

  /** A list as a single value for picocli, which would take it for several values. */
  public record Heads(List<HeadName> names) {}

  /** Reads the names of heads. */
  public static final class HeadsConverter implements ITypeConverter<Heads> {
    @Override
    public Heads convert(String value) {
      try {
        return new Heads(HeadName.parseAll(value, Extraction.MODEL));
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
                      "there is no sketch '%s'; the sketches are %s"
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
