// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import dev.onepass.datasets.models.HeadName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The sequences and queries of a run: one long sequence for each head, many short sequences spread
 * over the heads, and queries from later rows of the same head.
 *
 * @param longSequences one for each head, in the order of the heads
 * @param shortSequences in the order in which they are sent
 * @param questions about the long sequences first, then one for each short sequence
 */
public record Plan(
    List<Sequence> longSequences, List<Sequence> shortSequences, List<Question> questions) {
  /** Milliseconds between the timestamps of two tokens of a sequence. */
  public static final int TOKEN_MILLIS = 50;

  /** Timestamp of the first token of every sequence, 2026-01-01: equal in every run. */
  private static final long BEGIN_MILLIS = 1_767_225_600_000L;

  /** Query vectors in a record about a long sequence, and about a short sequence. */
  static final int LONG_VECTORS = 8;

  public static final int SHORT_VECTORS = 2;

  /**
   * Queries are rows of the last 24 % of the text, where the model computed them for later tokens.
   */
  private static final double QUERIES_FROM = 0.76;

  /** One in this many query records asks in the middle of the stream. */
  private static final int MIDDLE_SHARE = 4;

  /**
   * Rows of one head that are sent as one sequence.
   *
   * @param id the Kafka key
   * @param firstRow row of the head that is the token at position 0
   * @param tokens number of rows
   */
  public record Sequence(String id, HeadName head, int firstRow, int tokens) {
    /** Returns the id of the query for the state of the sequence at the end. */
    public String statsId() {
      return "stats-" + id;
    }
  }

  /**
   * One query record.
   *
   * @param rows rows of the head's queries, one for each vector
   * @param asOf tokens that the sequence must have before it is answered
   */
  public record Question(String id, Sequence sequence, int[] rows, int asOf) {
    /** Returns whether the query asks before the sequence is complete. */
    public boolean inTheMiddle() {
      return asOf < sequence.tokens();
    }
  }

  /**
   * Draws a plan.
   *
   * @param heads at least one
   * @param tokens of each long sequence
   * @param vectors query vectors for each long sequence
   * @param shorts total number of short sequences
   * @param longestShort maximum number of tokens of a short sequence
   * @param seed the same seed gives the same plan
   */
  public static Plan draw(
      List<HeadName> heads, int tokens, int vectors, int shorts, int longestShort, long seed) {
    Random random = new Random(seed);
    List<Question> questions = new ArrayList<>();
    List<Sequence> longSequences =
        heads.stream()
            .map(head -> new Sequence("%s-long-of-%d".formatted(head, tokens), head, 0, tokens))
            .toList();
    for (Sequence sequence : longSequences) {
      for (int asked = 0; asked < vectors; asked += LONG_VECTORS) {
        boolean middle = asked / LONG_VECTORS % MIDDLE_SHARE == MIDDLE_SHARE - 1;
        int[] rows = rows(random, Math.min(LONG_VECTORS, vectors - asked), tokens);
        questions.add(
            question(questions.size(), sequence, rows, middle ? (tokens + 1) / 2 : tokens));
      }
    }
    List<Sequence> shortSequences = new ArrayList<>();
    for (int i = 0; i < shorts; i++) {
      HeadName head = heads.get(i % heads.size());
      int length = 1 + random.nextInt(Math.min(longestShort, tokens));
      String id = "%s-short-%03d-of-%d".formatted(head, i, length);
      Sequence sequence = new Sequence(id, head, random.nextInt(tokens - length + 1), length);
      shortSequences.add(sequence);
      questions.add(
          question(questions.size(), sequence, rows(random, SHORT_VECTORS, tokens), length));
    }
    return new Plan(longSequences, List.copyOf(shortSequences), List.copyOf(questions));
  }

  /**
   * Returns the timestamp of a token.
   *
   * @param position from 0
   */
  public static long timestamp(int position) {
    return BEGIN_MILLIS + (long) position * TOKEN_MILLIS;
  }

  private static int[] rows(Random random, int count, int tokens) {
    int from = Math.min(tokens - 1, (int) (tokens * QUERIES_FROM));
    return random.ints(count, from, tokens).toArray();
  }

  private static Question question(int number, Sequence sequence, int[] rows, int asOf) {
    return new Question("q%05d".formatted(number), sequence, rows, asOf);
  }

  /** Returns all sequences, the long ones first. */
  public List<Sequence> sequences() {
    List<Sequence> all = new ArrayList<>(longSequences);
    all.addAll(shortSequences);
    return all;
  }

  /** Returns the number of tokens of all sequences. */
  long tokens() {
    return sequences().stream().mapToLong(Sequence::tokens).sum();
  }

  /** Returns the queries about one sequence. */
  public List<Question> questionsAbout(Sequence sequence) {
    return questions.stream().filter(question -> question.sequence().equals(sequence)).toList();
  }
}
