package dev.onepass.sketch.heavy;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactSketch;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.numerics.SecondMoment;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The exact part beside another sketch: of all tokens offered, those that some query can give a
 * share of at least eps of its weight under f(x) = |x|^p, p = 2, 4 or 6 (LevAttention, arXiv
 * 2410.05462).
 *
 * <p>Let x be the (p/2)-fold tensor power of k, with D = binom(d + p/2 - 1, p/2) coordinates (k
 * itself for p = 2), and {@code G = sum_j x_j x_j'}. By Cauchy-Schwarz {@code |q.k|^p / sum_j
 * |q.k_j|^p <= x' G^-1 x}, the leverage of x, and for p = 2 the query G^-1 k reaches it. Leverages
 * add up to at most D, so at most D / eps keys have one of eps or more, however many there are.
 *
 * <p>One pass suffices: G only grows, so leverage only falls. A token is kept when its leverage
 * against the tokens so far reaches eps, and one whose leverage has fallen below may go at any
 * time; whatever is heavy in the end was never below. Who passes tokens on to another sketch is
 * told which: {@link #offer}, {@link #merge} and {@link #prune} return those that this set does not
 * hold, or no longer. So every token is in one of the two places. Pruning waits until the room is
 * used up.
 *
 * <p>Where the bytes do not hold all heavy keys, those of least leverage go, and {@link
 * #guaranteedShare} says what is left of the guarantee, which is this: every key that was not taken
 * back and has more than that share of a query's weight among all tokens ever offered is here. It
 * is for queries whose scores do not cancel: {@code sum_j |q.k_j|^p} must be at least 2^-19 of what
 * it were if coordinates of x did not correlate. (Where they all do, double precision has no
 * leverage to offer; G is taken with 2^-30 of its diagonal added.)
 *
 * <p>What is evicted early counts with the leverage it had then, so the first tokens are best
 * offered in one large block. And parts add up by their normalizers: beside a sketch whose own
 * normalizer is far too low, as a polynomial's is where logits exceed its bound, tokens that are
 * here get too much weight.
 *
 * <p>Retracting a token that is here removes it; other retractions are passed on. G keeps retracted
 * tokens: a matrix that only grows is what the guarantee rests on.
 *
 * <p>Folding a block costs D^2 multiplications a token and D^3 / 6 a block. Bytes, format 1:
 *
 * <pre>
 *   0     1     2        3       4            8              12             16      24         32
 *   +-----+-----+--------+-------+------------+--------------+--------------+-------+----------+
 *   | 'O' | 'H' | format | p     | key dim i4 | value dim i4 | max bytes i4 | eps f8| evicted  |
 *   |     |     | (1)    |       | d          | dv           |              |       | leverage |
 *   +-----+-----+--------+-------+------------+--------------+--------------+-------+----------+
 *   32       36                                                   f8: the largest that had to go
 *   +--------+---------------------------+---------------+-----------------+
 *   | n (i4) | G, lower half, row by row | keys          | values          |
 *   |        | (D (D + 1) / 2 x f8)      | (n x d x f4)  | (n x dv x f4)   |
 *   +--------+---------------------------+---------------+-----------------+
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class HeavyKeys {

  private static final int HEADER_BYTES = 36;
  private static final int FORMAT = 1;
  private static final int MAX_POWER = 6;

  /** What is added to G, relative to its diagonal: far above rounding, far below any signal. */
  private static final double RIDGE = 0x1p-30;

  /** By how much a leverage may be too low, from the ridge and from rounding. */
  private static final double SLACK = 1 + 0x1p-10;

  /** Entries of G stay below: 2^63 sixth powers of the largest float are 1.4e250. */
  private static final double MAX_MOMENT = 1e280;

  private final int power;
  private final double eps;
  private final int maxBytes;
  private final int capacity;
  private final SecondMoment gram;
  private TokenBlock kept;
  private double evicted;
  private double[] scale;
  private Cholesky factor;

  /**
   * An empty set.
   *
   * @param keyDim d, 1 to {@value Preamble#MAX_DIM}
   * @param valueDim dv, 1 to {@value Preamble#MAX_DIM}
   * @param power p: 2, 4 or 6
   * @param eps share of a query's weight from which on a key is heavy, in (0, 1]
   * @param maxBytes bound on {@link #stateBytes()}
   * @throws IllegalArgumentException with a sentence that says what to set
   */
  public HeavyKeys(int keyDim, int valueDim, int power, double eps, int maxBytes) {
    this(keyDim, valueDim, power, eps, maxBytes, null);
  }

  private HeavyKeys(
      int keyDim, int valueDim, int power, double eps, int maxBytes, SecondMoment gram) {
    if (power < 2 || power > MAX_POWER || power % 2 != 0) {
      throw new IllegalArgumentException("the power must be 2, 4 or 6, not " + power);
    }
    if (!(eps > 0 && eps <= 1)) {
      throw new IllegalArgumentException("eps must lie in (0, 1], not " + eps);
    }
    long smallest = bytes(keyDim, valueDim, power, 1);
    if (smallest > maxBytes) {
      throw new IllegalArgumentException(
          "heavy keys of dimensions %d, %d and power %d take at least %d bytes, more than the %d there are; set a larger share, or power 2"
              .formatted(keyDim, valueDim, power, smallest, maxBytes));
    }
    this.power = power;
    this.eps = eps;
    this.maxBytes = maxBytes;
    this.capacity = capacity(keyDim, valueDim, power, eps, maxBytes);
    this.gram = gram == null ? new SecondMoment(order(keyDim, power)) : gram;
    this.kept = new TokenBlock(keyDim, valueDim, 0);
  }

  private static int order(int keyDim, int power) {
    return (int) Monomials.count(keyDim, power / 2);
  }

  /** Bytes of a set of {@code tokens}; {@link Long#MAX_VALUE} where that is beyond any state. */
  static long bytes(int keyDim, int valueDim, int power, int tokens) {
    long moments = SecondMoment.bytes(Monomials.count(keyDim, power / 2));
    return moments == Long.MAX_VALUE
        ? moments
        : HEADER_BYTES + moments + (long) tokens * tokenBytes(keyDim, valueDim);
  }

  private static int tokenBytes(int keyDim, int valueDim) {
    return Float.BYTES * (keyDim + valueDim);
  }

  /** Tokens that the bytes hold, and at most as many as can be heavy. */
  private static int capacity(int keyDim, int valueDim, int power, double eps, int maxBytes) {
    long room = maxBytes - bytes(keyDim, valueDim, power, 0);
    double heavy = order(keyDim, power) * SLACK / eps;
    return (int) Math.min(heavy, (double) (room / tokenBytes(keyDim, valueDim)));
  }

  /** Length d of keys. */
  public int keyDim() {
    return kept.keyDim();
  }

  /** Length dv of values. */
  public int valueDim() {
    return kept.valueDim();
  }

  /** The even power p that stands for exp. */
  public int power() {
    return power;
  }

  /** The most tokens there will ever be here: no more than D / eps, and what the bytes hold. */
  public int capacity() {
    return capacity;
  }

  /**
   * Keys with more than this share of any query's weight are all here; eps unless the bytes were
   * too few, 1 where nothing is promised.
   */
  public double guaranteedShare() {
    return Math.min(1, Math.max(eps, evicted * SLACK));
  }

  /** Tokens here. */
  public long tokenCount() {
    return kept.count();
  }

  /** The range of the values that are here. */
  public ValueRange valueRange() {
    ValueRange range = new ValueRange(valueDim());
    range.include(kept);
    return range;
  }

  /** A copy of the tokens that are here. */
  public TokenBlock tokens() {
    return kept.slice(0, kept.count());
  }

  /**
   * Takes in a block.
   *
   * @param block tokens with this set's dimensions, and retractions
   * @return what the other sketch has to fold: the tokens of the block that are not heavy, earlier
   *     ones that are no longer, and retractions of tokens that are not here
   * @throws IllegalArgumentException if the dimensions differ
   */
  public TokenBlock offer(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    TokenBlock passedOn = new TokenBlock(keyDim(), valueDim(), 0);
    TokenBlock arrived = new TokenBlock(keyDim(), valueDim(), 0);
    double[] features = new double[gram.dim()];
    for (int j = 0; j < block.count(); j++) {
      if (block.weights()[j] > 0) {
        Monomials.evaluate(block.keys(), j * keyDim(), keyDim(), power / 2, features);
        gram.add(features, 1);
        copy(block, j, arrived);
      } else if (!remove(block, j, arrived)) {
        copy(block, j, passedOn);
      }
    }
    if (arrived.count() > 0) {
      factor = null;
      double[] leverages = leverages(arrived);
      for (int j = 0; j < arrived.count(); j++) {
        copy(arrived, j, leverages[j] >= threshold() ? kept : passedOn);
      }
    }
    fit(passedOn);
    return passedOn;
  }

  private boolean remove(TokenBlock block, int j, TokenBlock arrived) {
    TokenBlock token = block.slice(j, j + 1);
    return arrived.removeNewest(token.keys(), token.values())
        || kept.removeNewest(token.keys(), token.values());
  }

  private static void copy(TokenBlock from, int j, TokenBlock to) {
    to.append(
        from.keys(), j * from.keyDim(), from.values(), j * from.valueDim(), from.weights()[j]);
  }

  /**
   * Takes in all that another set has seen; the other one is left as it is.
   *
   * @return what the other sketch has to fold, beside what either set has passed on before
   * @throws IncompatibleSketchException if dimensions, power or eps differ
   */
  public TokenBlock merge(HeavyKeys other) {
    if (other.keyDim() != keyDim()
        || other.valueDim() != valueDim()
        || other.power != power
        || other.eps != eps) {
      throw new IncompatibleSketchException(
          "heavy keys of different dimensions, powers or eps cannot be merged");
    }
    gram.add(other.gram);
    factor = null;
    evicted = Math.max(evicted, other.evicted);
    kept.append(other.tokens());
    TokenBlock passedOn = new TokenBlock(keyDim(), valueDim(), 0);
    fit(passedOn);
    return passedOn;
  }

  /**
   * Lets go of every token whose leverage has fallen below eps by now. What is left does not depend
   * on the order that tokens came in, but for rounding, as long as none was evicted.
   *
   * @return the tokens that went, for the other sketch to fold
   */
  public TokenBlock prune() {
    TokenBlock passedOn = new TokenBlock(keyDim(), valueDim(), 0);
    prune(passedOn);
    return passedOn;
  }

  private void fit(TokenBlock passedOn) {
    if (kept.count() > capacity) {
      prune(passedOn);
    }
  }

  private void prune(TokenBlock passedOn) {
    double[] leverages = leverages(kept);
    Integer[] order = new Integer[kept.count()];
    Arrays.setAll(order, j -> j);
    // Stable: of equal leverages the older one goes first.
    Arrays.sort(order, Comparator.comparingDouble(j -> leverages[j]));
    boolean[] goes = new boolean[order.length];
    for (int rank = 0; rank < order.length; rank++) {
      double leverage = leverages[order[rank]];
      boolean light = leverage < threshold();
      if (!light && order.length - rank > capacity) {
        evicted = Math.max(evicted, leverage);
      }
      goes[order[rank]] = light || order.length - rank > capacity;
    }
    TokenBlock stays = new TokenBlock(keyDim(), valueDim(), 0);
    for (int j = 0; j < goes.length; j++) {
      copy(kept, j, goes[j] ? passedOn : stays);
    }
    kept = stays;
  }

  private double threshold() {
    return eps / SLACK;
  }

  /** Leverage of every token of the block, all of which G holds, against G. */
  double[] leverages(TokenBlock block) {
    if (factor == null) {
      scale = new double[gram.dim()];
      for (int i = 0; i < scale.length; i++) {
        scale[i] = gram.get(i, i) > 0 ? 1 / Math.sqrt(gram.get(i, i)) : 0;
      }
      factor = gram.factor(scale, RIDGE);
    }
    double[] leverages = new double[block.count()];
    double[] features = new double[gram.dim()];
    for (int j = 0; j < leverages.length; j++) {
      Monomials.evaluate(block.keys(), j * keyDim(), keyDim(), power / 2, features);
      for (int i = 0; i < features.length; i++) {
        features[i] *= scale[i];
      }
      factor.solveLower(features);
      double squares = 0;
      for (double x : features) {
        squares += x * x;
      }
      // None is above 1 but by rounding, or where forged bytes hold no Gram matrix.
      leverages[j] = squares < 1 ? squares : 1;
    }
    return leverages;
  }

  /**
   * Adds the softmax sums of the tokens that are here, exactly.
   *
   * @param sums one row per query
   * @param queries vectors with this set's key dimension
   */
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    ExactSketch.addTo(sums, queries, kept);
  }

  /** Exact length of {@link #toByteArray()}; never above the bound. */
  public int stateBytes() {
    return (int) bytes(keyDim(), valueDim(), power, kept.count());
  }

  /** The whole state, little-endian. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    out.putByte('O');
    out.putByte('H');
    out.putByte(FORMAT);
    out.putByte(power);
    out.putInt(keyDim());
    out.putInt(valueDim());
    out.putInt(maxBytes);
    out.putDouble(eps);
    out.putDouble(evicted);
    out.putInt(kept.count());
    gram.write(out);
    out.putFloats(kept.keys(), kept.count() * keyDim());
    out.putFloats(kept.values(), kept.count() * valueDim());
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray} wrote, so that it goes on bit for bit alike.
   *
   * @throws CorruptSketchException if the bytes are no such set; memory stays bounded by a small
   *     multiple of {@code bytes.length}
   */
  public static HeavyKeys heapify(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.getByte() != 'O' || in.getByte() != 'H' || in.getByte() != FORMAT) {
      throw new CorruptSketchException("the bytes are no heavy keys of format " + FORMAT);
    }
    int power = in.getByte();
    int keyDim = in.getInt("key dim", 1, Preamble.MAX_DIM);
    int valueDim = in.getInt("value dim", 1, Preamble.MAX_DIM);
    int maxBytes = in.getInt("byte bound", 0, Integer.MAX_VALUE);
    double eps = in.getDouble();
    double evicted = in.getDouble();
    if (power < 2 || power > MAX_POWER || power % 2 != 0) {
      throw new CorruptSketchException("the power is " + power);
    }
    if (!(eps > 0 && eps <= 1) || !(evicted >= 0 && evicted <= 1)) {
      throw new CorruptSketchException("shares out of range: %s, %s".formatted(eps, evicted));
    }
    if (bytes(keyDim, valueDim, power, 1) > maxBytes) {
      throw new CorruptSketchException("the byte bound does not hold one token");
    }
    int count = in.getInt("tokens", 0, capacity(keyDim, valueDim, power, eps, maxBytes));
    in.require(bytes(keyDim, valueDim, power, count) - HEADER_BYTES);
    SecondMoment gram = SecondMoment.read(in, order(keyDim, power), MAX_MOMENT);
    requireGram(gram);
    HeavyKeys heavy = new HeavyKeys(keyDim, valueDim, power, eps, maxBytes, gram);
    heavy.evicted = evicted;
    float[] keys = in.getFloats(count * keyDim);
    heavy.kept = TokenBlock.of(keyDim, valueDim, count, keys, in.getFloats(count * valueDim));
    in.expectEnd();
    return heavy;
  }

  /** No entry of a Gram matrix exceeds the geometric mean of its two diagonal entries. */
  private static void requireGram(SecondMoment gram) {
    double[] length = new double[gram.dim()];
    for (int i = 0; i < length.length; i++) {
      length[i] = Math.sqrt(gram.get(i, i));
      for (int l = 0; l <= i; l++) {
        if (!(Math.abs(gram.get(i, l)) <= 1.000001 * length[i] * length[l])) {
          throw new CorruptSketchException("entry %d, %d is of no Gram matrix".formatted(i, l));
        }
      }
    }
  }
}
