// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.needles;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A head in which needles are planted: some rows have a key in a random direction from the mean key
 * and a value of twice the usual size, and one query in {@value #QUERIES} asks for a needle. Such a
 * query is a query of the head, moved towards the needle until about two thirds of its weight over
 * the tokens are the needle's.
 *
 * <p>The rows that the head's anchor set is made from are no tokens, and have needles and queries
 * for these: a set knows needles, but none that is a token.
 */
public final class PlantedHead {
  /** Rows of which one is a needle, where needles are spread evenly. */
  private static final int ROWS = 10_000;

  /** Queries of which one asks for a needle. */
  public static final int QUERIES = 100;

  private static final double TARGET = 0.65;

  /** Exact weight from which on a query counts. */
  private static final double LEAST_WEIGHT = 0.5;

  /** Tokens of which one is looked at to place a query. */
  private static final int SAMPLED = 64;

  private static final int SINKS = 4;
  private static final double SINK_DISTANCE = 6;
  private static final double SINK_VALUES = 0.05;
  private static final int BISECTIONS = 14;

  private final Head head;
  private final float[] keys;
  private final float[] values;
  private final float[] queries;
  private final List<Integer> needles = new ArrayList<>();

  /** The first row that is a token. */
  private final int firstToken;

  /** The needle that each query asks for; -1 for none. */
  private final int[] asked;

  /**
   * Plants.
   *
   * @param needles rows of the needles; not used if the planting has none
   */
  private PlantedHead(Head from, Planting planting, int[] needles, long seed) {
    Random random = new Random(seed);
    keys = from.keys().clone();
    values = from.values().clone();
    queries = from.queries().clone();
    firstToken = Feed.firstToken(from);
    asked = new int[from.rows()];
    Arrays.fill(asked, -1);
    head =
        new Head(
            from.name(),
            from.rows(),
            from.keyDim(),
            from.valueDim(),
            queries,
            keys,
            values,
            from.scale());
    double[] mean = mean(from);
    double distance = distance(from, mean);
    if (planting.distance() > 0) {
      plantNeedles(needles, mean, planting.distance() * distance, random);
    }
    if (planting.repetitions() > 0) {
      plantSinks(mean, distance, planting.repetitions(), random);
    }
    if (planting.distance() > 0) {
      // An ordinary key gets most of a weight only from a query that wants little else.
      ask(mean, planting.distance() > 1 ? 1 : 0.15, random);
    }
  }

  /** Plants one needle in {@value #ROWS} rows. */
  public static PlantedHead evenly(Head from, Planting planting, long seed) {
    int first = Math.min(ROWS, from.rows()) / 2;
    int count = (from.rows() - first + ROWS - 1) / ROWS;
    return new PlantedHead(
        from, planting, IntStream.range(0, count).map(i -> first + i * ROWS).toArray(), seed);
  }

  /**
   * Plants needles at some depths of the tokens, and equally many among the rows before them.
   *
   * @param depths number of needles among the tokens; they divide the tokens evenly
   */
  public static PlantedHead atDepths(Head from, Planting planting, int depths, long seed) {
    int firstToken = Feed.firstToken(from);
    IntStream past = IntStream.range(0, depths).map(i -> middle(i, depths, firstToken));
    IntStream tokens =
        IntStream.range(0, depths)
            .map(i -> firstToken + middle(i, depths, from.rows() - firstToken));
    return new PlantedHead(from, planting, IntStream.concat(past, tokens).toArray(), seed);
  }

  private static int middle(int i, int parts, int rows) {
    return (int) ((2L * i + 1) * rows / (2L * parts));
  }

  /** Returns the head with everything that is planted. */
  public Head head() {
    return head;
  }

  private static double[] mean(Head head) {
    int d = head.keyDim();
    double[] mean = new double[d];
    for (int i = 0; i < head.rows() * d; i++) {
      mean[i % d] += head.keys()[i] / (double) head.rows();
    }
    return mean;
  }

  private static double distance(Head head, double[] mean) {
    double squares = 0;
    for (int i = 0; i < head.rows() * mean.length; i++) {
      squares += Math.pow(head.keys()[i] - mean[i % mean.length], 2);
    }
    return Math.sqrt(squares / head.rows());
  }

  private static double[] direction(int dim, Random random) {
    double[] x = random.doubles(dim).map(ignored -> random.nextGaussian()).toArray();
    double norm = Math.sqrt(Arrays.stream(x).map(c -> c * c).sum());
    return Arrays.stream(x).map(c -> c / norm).toArray();
  }

  private void plantNeedles(int[] rows, double[] mean, double distance, Random random) {
    double size = 2 * Errors.rootMeanSquare(head.values(), head.rows(), head.valueDim());
    for (int row : rows) {
      place(keys, row, mean, distance, direction(head.keyDim(), random));
      place(values, row, new double[head.valueDim()], size, direction(head.valueDim(), random));
      needles.add(row);
    }
  }

  private static void place(
      float[] rows, int row, double[] from, double distance, double[] direction) {
    for (int i = 0, at = row * from.length; i < from.length; i++, at++) {
      rows[at] = (float) (from[i] + distance * direction[i]);
    }
  }

  private void plantSinks(double[] mean, double distance, int repetitions, Random random) {
    int dv = head.valueDim();
    for (int s = 0; s < SINKS; s++) {
      double[] direction = direction(head.keyDim(), random);
      for (int r = 0; r < repetitions; r++) {
        int row = (int) ((long) head.rows() * r / repetitions) + s;
        if (!needles.contains(row)) {
          place(keys, row, mean, SINK_DISTANCE * distance, direction);
          for (int c = 0; c < dv; c++) {
            values[row * dv + c] *= (float) SINK_VALUES;
          }
        }
      }
    }
  }

  private void ask(double[] mean, double own, Random random) {
    Head sample = sample();
    for (int row = random.nextInt(QUERIES); row < head.rows(); row += QUERIES) {
      List<Integer> some = needlesLike(row);
      if (!some.isEmpty()) {
        asked[row] = some.get(random.nextInt(some.size()));
        turn(row, asked[row], mean, own, sample);
      }
    }
  }

  /** Returns the needles among the tokens, or those among the other rows if the row is no token. */
  private List<Integer> needlesLike(int row) {
    return needles.stream().filter(needle -> isToken(needle) == isToken(row)).toList();
  }

  private boolean isToken(int row) {
    return row >= firstToken;
  }

  /** Returns a regular sample of the tokens, without needles, to estimate normalizers. */
  private Head sample() {
    int d = head.keyDim();
    int dv = head.valueDim();
    int count = (head.rows() - firstToken) / SAMPLED;
    float[] someKeys = new float[count * d];
    float[] someValues = new float[count * dv];
    for (int j = 0; j < count; j++) {
      int regular = firstToken + j * SAMPLED;
      int row = regular + (needles.contains(regular) ? 1 : 0);
      System.arraycopy(keys, row * d, someKeys, j * d, d);
      System.arraycopy(values, row * dv, someValues, j * dv, dv);
    }
    return new Head("sample", count, d, dv, someKeys, someKeys, someValues, head.scale());
  }

  /** Moves a query towards a needle until that has about the target of the weight. */
  private void turn(int row, int needle, double[] mean, double own, Head sample) {
    int d = head.keyDim();
    float[] query = new float[d];
    double size = 0;
    double length = 0;
    double[] direction = new double[d];
    for (int i = 0; i < d; i++) {
      direction[i] = keys[needle * d + i] - mean[i];
      length += direction[i] * direction[i];
      size += (double) queries[row * d + i] * queries[row * d + i];
    }
    double low = 0;
    double high = 64 * Math.sqrt(size / length);
    for (int step = 0; step < BISECTIONS; step++) {
      double middle = step == 0 ? high / 8 : (low + high) / 2;
      for (int i = 0; i < d; i++) {
        query[i] = (float) (own * queries[row * d + i] + middle * direction[i]);
      }
      if (logOdds(query, needle, sample) < Math.log(TARGET / (1 - TARGET))) {
        low = middle;
      } else {
        high = middle;
      }
    }
    System.arraycopy(query, 0, queries, row * d, d);
  }

  /** Returns the logarithm of the needle's weight over that of all other tokens. */
  private double logOdds(float[] query, int needle, Head sample) {
    QueryBlock one = new QueryBlock(query, 1, query.length, head.scale());
    double others =
        Attention.withLogNormalizers(sample, sample.rows(), one).logNormalizers()[0]
            + Math.log(SAMPLED);
    return logit(query, 0, needle) - others;
  }

  private double logit(float[] vectors, int query, int needle) {
    double logit = 0;
    for (int i = 0; i < head.keyDim(); i++) {
      logit += (double) vectors[query * head.keyDim() + i] * keys[needle * head.keyDim() + i];
    }
    return head.scale() * logit;
  }

  /** Returns the rows from {@code from} on whose queries ask for a needle. */
  public int[] askingRows(int from) {
    return IntStream.range(from, asked.length).filter(row -> asked[row] >= 0).toArray();
  }

  /**
   * How many queries find a needle.
   *
   * @param found queries whose answer is off by at most half of the way that the exact answer has
   *     moved towards the needle's value
   * @param counted queries of which the needle has at least half of the exact weight
   */
  public record Recall(int found, int counted) {

    private static final Recall NONE = new Recall(0, 0);

    private Recall plus(Recall other) {
      return new Recall(found + other.found, counted + other.counted);
    }

    /** Returns the share of the counted queries that find the needle; NaN if none counts. */
    public double share() {
      return counted == 0 ? Double.NaN : (double) found / counted;
    }
  }

  /** Returns the share of queries that find their needle, as {@link #recalls}. */
  public double recall(int[] rows, TestSet test, Method.Answered answered) {
    return recalls(rows, test, answered).values().stream()
        .reduce(Recall.NONE, Recall::plus)
        .share();
  }

  /**
   * Returns how many queries find each needle among the tokens, by the row of the needle.
   *
   * @param rows rows of the queries
   * @param test the queries and their exact answers
   * @param answered the answers
   */
  public SortedMap<Integer, Recall> recalls(int[] rows, TestSet test, Method.Answered answered) {
    int dv = head.valueDim();
    SortedMap<Integer, Recall> recalls = new TreeMap<>();
    needles.stream().filter(this::isToken).forEach(needle -> recalls.put(needle, Recall.NONE));
    for (int q = 0; q < rows.length; q++) {
      int needle = asked[rows[q]];
      double weight =
          Math.exp(logit(test.queries().vectors(), q, needle) - test.logNormalizers()[q]);
      if (weight < LEAST_WEIGHT) {
        continue;
      }
      double error = 0;
      double move = 0;
      for (int c = 0; c < dv; c++) {
        double exact = test.exact()[q][c];
        double value = values[needle * dv + c];
        // exact = weight value + (1 - weight) rest, so exact - rest = weight (value - rest).
        double moved = weight < 1 ? weight * (value - exact) / (1 - weight) : value;
        error += Math.pow(answered.outputs()[q][c] - exact, 2);
        move += moved * moved;
      }
      int found = Math.sqrt(error) <= 0.5 * Math.sqrt(move) ? 1 : 0;
      recalls.merge(needle, new Recall(found, 1), Recall::plus);
    }
    return recalls;
  }
}
