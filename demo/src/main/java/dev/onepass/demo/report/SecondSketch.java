// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import dev.onepass.datasets.minilm.HeadName;
import dev.onepass.datasets.minilm.HeadRows;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Reply;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Another sketch for comparison. It takes the same tokens and answers the same queries with the
 * same state size, but in this process: the library computes it without the job.
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
   * Feeds the long sequences to the sketch and answers the queries at their ends, in parallel.
   *
   * @param bytes of state for one sequence
   * @throws IllegalArgumentException if the bytes are too few; the message says so
   */
  public static SecondSketch run(
      SketchFamily family,
      int bytes,
      Plan plan,
      Map<HeadName, HeadRows> rows,
      Comparison comparison) {
    Map<String, Reply.Answer> answers = new ConcurrentHashMap<>();
    Map<String, double[]> errors = new ConcurrentHashMap<>();
    Map<String, Long> stateBytes = new ConcurrentHashMap<>();
    plan.longSequences().parallelStream()
        .forEach(
            sequence -> {
              Run run = new Run(family, bytes, sequence, rows.get(sequence.head()));
              for (Question question : plan.questionsAbout(sequence)) {
                if (!question.inTheMiddle()) {
                  Reply.Answer answer = run.answer(question);
                  answers.put(question.id(), answer);
                  errors.put(question.id(), comparison.errors(question, answer));
                }
              }
              stateBytes.put(sequence.id(), run.stateBytes());
            });
    return new SecondSketch(
        family.name(), new HashMap<>(answers), new HashMap<>(errors), stateBytes);
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

  /** One sequence, fed with all its tokens. */
  private static final class Run {
    private final HeadRows rows;
    private final Sequence sequence;

    Run(SketchFamily family, int bytes, Plan.Sequence fed, HeadRows rows) {
      this.rows = rows;
      int dim = rows.dim();
      HeadSpec spec =
          new HeadSpec(
              fed.head().toString(), dim, dim, 1 / Math.sqrt(dim), bytes, 0, family, 7, Map.of());
      spec.check();
      sequence = Sequence.open(spec, new HeapStore());
      for (int position = 0; position < fed.tokens(); position++) {
        int from = (fed.firstRow() + position) * dim;
        sequence.accept(
            position,
            Arrays.copyOfRange(rows.keys(), from, from + dim),
            Arrays.copyOfRange(rows.values(), from, from + dim));
      }
    }

    Reply.Answer answer(Question question) {
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
    long stateBytes() {
      return sequence.header().stateBytes();
    }
  }
}
