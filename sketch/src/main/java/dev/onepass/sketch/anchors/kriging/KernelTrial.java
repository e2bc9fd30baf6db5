package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tells which of a set's kernels suits what a sequence knows at its anchors: the one by which some
 * anchors, the witnesses, are missed least when they are left out (leave-one-out; Rasmussen and
 * Williams, section 5.4.2). Compared on the first anchors, which all sequences of a head share, so
 * that a trial is a few products.
 *
 * <p>Kernels race: after a few witnesses the worse half of the kernels is left behind, and so on
 * until two meet all witnesses (successive halving; Jamieson and Talwalkar, AISTATS 2016). That is
 * a quarter of the work of a trial of all by all, and the winner misses by little more than the
 * best (on three attention heads 0.1 % on average, 5 % at most).
 */
public final class KernelTrial {

  /** Anchors that kernels are compared on, at most. */
  public static final int ANCHORS = 768;

  /** Anchors that are left out, one after the other, at most. */
  private static final int LEFT_OUT = 192;

  /** Witnesses that were met when the worse half of the kernels is left behind. */
  private static final int[] ROUNDS = {16, 32, 64};

  /** Kernels that meet all witnesses. */
  private static final int FINALISTS = 2;

  private final int count;
  private final List<Errors> errors = new ArrayList<>();

  /** Of witnesses among a third of the anchors: missed by these, and missed by all. */
  private final List<Errors> errorsByThird = new ArrayList<>();

  private final List<Errors> errorsByAll = new ArrayList<>();

  public KernelTrial(EmbeddedQueries anchors, List<Kernel> kernels, int count) {
    this.count = count;
    int third = (count + 2) / 3;
    int[] many = shuffled(Kriging.leftOut(count, LEFT_OUT));
    int[] some = shuffled(Kriging.leftOut(third, LEFT_OUT));
    for (Kernel kernel : kernels) {
      Kriging all = new Kriging(anchors, kernel, count);
      errors.add(new Errors(all, many));
      errorsByAll.add(new Errors(all, some));
      errorsByThird.add(new Errors(new Kriging(anchors, kernel, third), some));
    }
  }

  /** By the bits of the index read backwards: so the first ones are spread evenly over all. */
  private static int[] shuffled(int[] leftOut) {
    return IntStream.range(0, leftOut.length)
        .boxed()
        .sorted((i, j) -> Integer.compareUnsigned(Integer.reverse(i), Integer.reverse(j)))
        .mapToInt(i -> leftOut[i])
        .toArray();
  }

  /** By what a kernel misses the witnesses of each round. */
  private static final class Errors {
    private final int anchors;

    /** Rows that give the misses from what is known, an array for each round. */
    private final List<float[]> rounds = new ArrayList<>();

    Errors(Kriging kriging, int[] leftOut) {
      anchors = kriging.count();
      float[] rows = kriging.errorRows(leftOut);
      int from = 0;
      for (int to : ROUNDS) {
        if (to < leftOut.length) {
          rounds.add(Arrays.copyOfRange(rows, from * anchors, to * anchors));
          from = to;
        }
      }
      rounds.add(Arrays.copyOfRange(rows, from * anchors, rows.length));
    }

    int rounds() {
      return rounds.size();
    }

    /** Sum of the squares of a round's misses; 0 if there are fewer rounds. */
    double squares(int round, float[] values, int counted) {
      if (round >= rounds.size()) {
        return 0;
      }
      float[] rows = rounds.get(round);
      int leftOut = rows.length / anchors;
      float[] wrong = new float[leftOut * counted];
      Kernels.addProduct(rows, leftOut, anchors, values, counted, wrong);
      double squares = 0;
      for (float miss : wrong) {
        squares += (double) miss * miss;
      }
      return squares;
    }
  }

  /**
   * How well the best kernel does.
   *
   * @param kernel its number
   * @param error sum of the squares of what anchors left out are missed by, or would be by all
   */
  public record Best(int kernel, double error) {}

  /** What a kernel has missed so far. */
  private final class Runner {
    private final int kernel;
    private double squares;
    private double squaresByThird;
    private double squaresByAll;
    private double error;

    Runner(int kernel) {
      this.kernel = kernel;
    }

    /** Meets the witnesses of a round. */
    void run(int round, float[] values, int counted, double thirds) {
      squares += errors.get(kernel).squares(round, values, counted);
      error = squares;
      if (thirds > 0) {
        squaresByThird += errorsByThird.get(kernel).squares(round, values, counted);
        squaresByAll += errorsByAll.get(kernel).squares(round, values, counted);
        error *= squaresByThird > 0 ? Math.pow(squaresByAll / squaresByThird, thirds) : 1;
      }
    }

    double error() {
      return error;
    }
  }

  /**
   * The best kernel. Where there are more than twice as many anchors as are compared on, a kernel
   * gains by them as it gained from a third of those compared on to all of them: short kernels gain
   * more.
   *
   * @param known R x columns, row-major: the values of all anchors
   * @param counted columns that count, the first ones
   */
  public Best best(double[] known, int columns, int counted) {
    double ratio = (double) known.length / columns / count;
    double thirds = ratio > 2 ? Math.log(ratio) / Math.log(3) : 0;
    double unit = largest(known);
    float[] values = inUnits(known, columns, counted, unit);
    List<Runner> left = IntStream.range(0, errors.size()).mapToObj(Runner::new).toList();
    int rounds = errors.get(0).rounds();
    for (int round = 0; round < rounds; round++) {
      for (Runner runner : left) {
        runner.run(round, values, counted, thirds);
      }
      int stay = round < rounds - 1 ? Math.max(FINALISTS, (left.size() + 1) / 2) : 1;
      left = left.stream().sorted(Comparator.comparingDouble(Runner::error)).limit(stay).toList();
    }
    Runner winner = left.get(0);
    return new Best(winner.kernel, winner.error * unit * unit);
  }

  private static double largest(double[] known) {
    double largest = Double.MIN_NORMAL;
    for (double value : known) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * The columns that count, of the anchors compared on, none beyond 1: squares overflow no float.
   */
  private float[] inUnits(double[] known, int columns, int counted, double unit) {
    float[] values = new float[count * counted];
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < counted; c++) {
        values[r * counted + c] = (float) (known[r * columns + c] / unit);
      }
    }
    return values;
  }

  /** Bytes that a trial takes in memory. */
  public static long bytes(long count, int kernels) {
    return Float.BYTES * count * kernels * 2 * LEFT_OUT;
  }
}
