// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.run.JobConfig;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Reply;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Other answers to the same queries over the same tokens, for comparison. They are computed in this
 * process, by the library without the job.
 */
public final class SecondSketch {
  private final String sketch;
  private final Map<String, Reply.Answer> answers;
  private final Map<String, double[]> errors;
  private final Map<String, Long> stateBytes;

  private SecondSketch(
      String sketch,
      Map<String, Reply.Answer> answers,
      Map<String, double[]> errors,
      Map<String, Long> stateBytes) {
    this.sketch = sketch;
    this.answers = answers;
    this.errors = errors;
    this.stateBytes = stateBytes;
  }

  /**
   * Feeds the long sequences to a sketch of the same state size and answers the queries at their
   * ends, in parallel.
   *
   * @param bytes of state for one sequence
   * @param decay how the weights of tokens decay
   * @throws IllegalArgumentException if the bytes are too few; the message says so
   */
  public static SecondSketch run(
      SketchFamily family,
      int bytes,
      Decay decay,
      Plan plan,
      Map<HeadName, HeadRows> rows,
      Comparison comparison) {
    return run(
        family.name(),
        plan,
        comparison,
        sequence -> new Run(family, bytes, decay, sequence, rows.get(sequence.head())));
  }

  /**
   * Answers by exact attention over all tokens without decay: shows what it costs to ignore decay.
   *
   * @param comparison exact attention with decay
   */
  public static SecondSketch withoutDecay(
      Plan plan, Map<HeadName, HeadRows> rows, Comparison comparison) {
    Comparison undecayed = new Comparison(rows, Decay.NONE);
    return run("exact, no decay", plan, comparison, sequence -> new AllAlike(sequence, undecayed));
  }

  private static SecondSketch run(
      String sketch, Plan plan, Comparison comparison, Function<Plan.Sequence, Answering> feed) {
    Map<String, Reply.Answer> answers = new ConcurrentHashMap<>();
    Map<String, double[]> errors = new ConcurrentHashMap<>();
    Map<String, Long> stateBytes = new ConcurrentHashMap<>();
    plan.longSequences().parallelStream()
        .forEach(
            sequence -> {
              Answering run = feed.apply(sequence);
              for (Question question : plan.questionsAbout(sequence)) {
                if (!question.inTheMiddle()) {
                  Reply.Answer answer = run.answer(question);
                  answers.put(question.id(), answer);
                  errors.put(question.id(), comparison.errors(question, answer));
                }
              }
              stateBytes.put(sequence.id(), run.stateBytes());
            });
    return new SecondSketch(sketch, new HashMap<>(answers), new HashMap<>(errors), stateBytes);
  }

  /** Returns the name of the sketch. */
  String sketch() {
    return sketch;
  }

  /** Returns the state size of a long sequence at its end, in bytes. */
  long stateBytes(Plan.Sequence sequence) {
    return stateBytes.get(sequence.id());
  }

  /** Returns the figures of some queries at the end of a long sequence. */
  Figures figures(List<Question> questions) {
    return Figures.of(questions, answers, errors);
  }

  /** Answers queries at the end of a sequence. */
  private interface Answering {
    Reply.Answer answer(Question question);

    long stateBytes();
  }

  /** Exact attention over all tokens of a sequence without decay. */
  private record AllAlike(Plan.Sequence fed, Comparison undecayed) implements Answering {
    @Override
    public Reply.Answer answer(Question question) {
      double[] outputs = undecayed.exact(question, fed.tokens());
      int count = question.rows().length;
      int dim = outputs.length / count;
      double[][] rows = new double[count][];
      Arrays.setAll(rows, i -> Arrays.copyOfRange(outputs, i * dim, (i + 1) * dim));
      return new Reply.Answer(
          question.id(),
          fed.tokens(),
          rows,
          new double[count],
          null,
          0,
          true,
          false,
          System.nanoTime());
    }

    @Override
    public long stateBytes() {
      return (long) fed.tokens() * JobConfig.TOKEN_BYTES;
    }
  }

  /** One sequence, fed with all its tokens. */
  private static final class Run implements Answering {
    private final HeadRows rows;
    private final Sequence sequence;

    Run(SketchFamily family, int bytes, Decay decay, Plan.Sequence fed, HeadRows rows) {
      this.rows = rows;
      int dim = rows.dim();
      HeadSpec spec =
          new HeadSpec(
                  fed.head().toString(),
                  dim,
                  dim,
                  1 / Math.sqrt(dim),
                  bytes,
                  0,
                  family,
                  7,
                  Map.of())
              .withDecay(decay);
      spec.check();
      sequence = Sequence.open(spec, new HeapStore());
      for (int position = 0; position < fed.tokens(); position++) {
        int from = (fed.firstRow() + position) * dim;
        sequence.accept(
            position,
            Arrays.copyOfRange(rows.keys(), from, from + dim),
            Arrays.copyOfRange(rows.values(), from, from + dim),
            0,
            // A decay by tokens counts them.
            decay.byTokens() ? 0 : Plan.timestamp(position));
      }
    }

    @Override
    public Reply.Answer answer(Question question) {
      int dim = rows.dim();
      int count = question.rows().length;
      float[] vectors = new float[count * dim];
      for (int i = 0; i < count; i++) {
        System.arraycopy(rows.queries(), question.rows()[i] * dim, vectors, i * dim, dim);
      }
      Header header = sequence.header();
      Answers answers = sequence.answer(new QueryBlock(vectors, count, dim, 1 / Math.sqrt(dim)));
      return new Reply.Answer(
          question.id(),
          header.tokens(),
          Arrays.stream(answers.outputs()).map(Run::doubles).toArray(double[][]::new),
          doubles(answers.error()),
          answers.beyondBound() == null ? null : doubles(answers.beyondBound()),
          header.anchorsVersion(),
          header.isExact(),
          false,
          System.nanoTime());
    }

    private static double[] doubles(float[] floats) {
      double[] doubles = new double[floats.length];
      Arrays.setAll(doubles, i -> floats[i]);
      return doubles;
    }

    /** Returns the bytes as the job counts them: header, pending block and sketch. */
    @Override
    public long stateBytes() {
      return sequence.header().stateBytes();
    }
  }
}
