// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactSketch;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The tokens that can dominate an answer, kept exactly next to another sketch. Under f(x) = |x|^p
 * with p = 2, 4 or 6, a key is heavy if it can get a share of at least eps of the weight of some
 * query (LevAttention, arXiv 2410.05462).
 *
 * <p>Let x be the (p/2)-fold tensor power of k, with D = binom(d + p/2 - 1, p/2) coordinates (k
 * itself for p = 2), and {@code G = sum_j w_j x_j x_j'}, where w_j is the weight of token j. By
 * Cauchy-Schwarz {@code w |q.k|^p / sum_j w_j |q.k_j|^p <= w x' G^-1 x}, which is the leverage of
 * x; for p = 2 the query G^-1 k attains it. Leverages sum to at most D, so at most D / eps keys
 * have a leverage of eps or more, however many tokens there are.
 *
 * <p>One pass suffices ({@link OnlineLeverage}). G only grows, so leverages only fall. A token is
 * kept if its leverage against the tokens so far reaches eps, and may be dropped once its leverage
 * has fallen below eps, because a key that is heavy in the end was heavy all the time. {@link
 * #offer}, {@link #merge} and {@link #prune} return the tokens that this set does not hold or no
 * longer holds, so that the other sketch can fold them. Every token is therefore in exactly one of
 * the two places. The set is pruned only when it is full. Tokens of equal keys take the bytes of
 * one.
 *
 * <p>A set made by {@link #filling} has the least eps for which its bytes hold all heavy keys. That
 * is often a large share. So it also keeps outliers: keys whose leverage is half as large again as
 * the largest that n normally distributed keys would have. They are kept as long as there is room.
 *
 * <p>If the bytes do not hold all heavy keys, those of least leverage are evicted, and {@link
 * #guaranteedShare} weakens. The guarantee is: every key that was not retracted, and has more than
 * the guaranteed share of the weight of a query among all tokens ever offered, is in this set. It
 * holds for queries whose scores do not cancel: {@code sum_j w_j |q.k_j|^p} must be at least 2^-12
 * of its value for uncorrelated coordinates of x, because G is kept in floats and 2^-18 of its
 * diagonal is added to it.
 *
 * <p>A token that is evicted early counts with its leverage at that time. Before the first tokens
 * are offered in blocks, {@link #expect} announces them all.
 *
 * <p>Retracting a token of this set removes it; other retractions are returned. G keeps retracted
 * tokens, because the guarantee needs a matrix that only grows.
 *
 * <p>Folding a block costs D^2 multiplications per token and D^3 / 6 per block. Bytes, format 2,
 * little-endian:
 *
 * <pre>
 *   0     1     2        3       4            8              12             16      24
 *   +-----+-----+--------+-------+------------+--------------+--------------+-------+-----------+
 *   | 'O' | 'H' | format | p, 8: | key dim i4 | value dim i4 | max bytes i4 | eps f8| evicted f8|
 *   |     |     | (2)    | fills | d          | dv           |              |       |           |
 *   +-----+-----+--------+-------+------------+--------------+--------------+-------+-----------+
 *   32            40       44            48        56
 *   +-------------+--------+-------------+---------+-----------------------------+---------------+
 *   | exponent i8 | room i4| entries n i4| mass f8 | G: exponent i4, lower       | entries       |
 *   |             |        |             |         | triangle by rows f4         | (KeptTokens)  |
 *   +-------------+--------+-------------+---------+-----------------------------+---------------+
 * </pre>
 *
 * <p>Not safe for use by several threads.
 */
public final class HeavyKeys {

  private static final int HEADER_BYTES = 48;
  private static final int FORMAT = 2;
  private static final int MAX_POWER = 6;
  private static final int FILLS = 8;

  /** Factor by which a leverage may be too low because of the ridge and of rounding. */
  private static final double SLACK = 1 + 0x1p-6;

  /** Times the largest leverage of normal keys from which a key is an outlier. */
  private static final double OUTLIER = 1.5;

  /** Tokens of equal keys are returned one by one up to this number, which bounds the memory. */
  private static final int RETURNED_AS = 256;

  private final int power;
  private final double eps;
  private final boolean fills;
  private final int maxBytes;
  private final int capacity;
  private final OnlineLeverage leverage;
  private KeptTokens kept;
  private double evicted;
  private long exponent;
  private int room;

  /** Leverages against tokens that are announced; null if there are none. */
  private OnlineLeverage expected;

  /**
   * The tokens as answers read them; null if they may have changed since they were put together.
   */
  private TokenBlock answering;

  /**
   * Makes an empty set.
   *
   * @param keyDim length d of a key, 1 to {@value Preamble#MAX_DIM}
   * @param valueDim length dv of a value, 1 to {@value Preamble#MAX_DIM}
   * @param power even power p that stands for exp: 2, 4 or 6
   * @param eps share of the weight of a query from which a key is heavy, in (0, 1]
   * @param maxBytes bound on {@link #stateBytes()}
   * @throws IllegalArgumentException if a parameter is out of range, or if the bytes hold no token;
   *     the message says what to change
   */
  public HeavyKeys(int keyDim, int valueDim, int power, double eps, int maxBytes) {
    this(keyDim, valueDim, power, eps, false, maxBytes, null);
  }

  private HeavyKeys(
      int keyDim,
      int valueDim,
      int power,
      double eps,
      boolean fills,
      int maxBytes,
      OnlineLeverage leverage) {
    requirePower(power);
    if (!(eps > 0 && eps <= 1)) {
      throw new IllegalArgumentException("eps must be in (0, 1], got " + eps);
    }
    long smallest = bytes(keyDim, valueDim, power, 1);
    if (smallest > maxBytes) {
      throw new IllegalArgumentException(
          "Heavy keys with key dim %d, value dim %d and power %d need at least %d bytes, got %d; set more bytes, or power 2."
              .formatted(keyDim, valueDim, power, smallest, maxBytes));
    }
    this.power = power;
    this.eps = eps;
    this.fills = fills;
    this.maxBytes = maxBytes;
    this.capacity = capacity(keyDim, valueDim, power, eps, fills, maxBytes);
    this.room = capacity;
    this.leverage = leverage == null ? new OnlineLeverage(keyDim, power / 2) : leverage;
    this.kept = new KeptTokens(keyDim, valueDim);
  }

  private static void requirePower(int power) {
    if (power < 2 || power > MAX_POWER || power % 2 != 0) {
      throw new IllegalArgumentException("power must be 2, 4 or 6, got " + power);
    }
  }

  /**
   * Makes an empty set that keeps as many heavy keys as its bytes hold, and outliers.
   *
   * @param keyDim length d of a key, 1 to {@value Preamble#MAX_DIM}
   * @param valueDim length dv of a value, 1 to {@value Preamble#MAX_DIM}
   * @param power even power p that stands for exp: 2, 4 or 6
   * @param maxBytes bound on {@link #stateBytes()}
   * @throws IllegalArgumentException if a parameter is out of range, or if the bytes hold no token;
   *     the message says what to change
   */
  public static HeavyKeys filling(int keyDim, int valueDim, int power, int maxBytes) {
    requirePower(power);
    return new HeavyKeys(
        keyDim,
        valueDim,
        power,
        fillingEps(keyDim, valueDim, power, maxBytes),
        true,
        maxBytes,
        null);
  }

  /** Returns the least share for which the bytes hold all heavy keys, at most 1. */
  private static double fillingEps(int keyDim, int valueDim, int power, int maxBytes) {
    double held = Math.max(1, held(keyDim, valueDim, power, maxBytes));
    return Math.min(1, OnlineLeverage.order(keyDim, power / 2) * SLACK / held);
  }

  /**
   * Returns the bytes of a set; {@link Long#MAX_VALUE} if no state can hold it.
   *
   * @param keyDim length d of a key
   * @param valueDim length dv of a value
   * @param power even power p that stands for exp: 2, 4 or 6
   * @param keys number of keys in the set
   */
  static long bytes(int keyDim, int valueDim, int power, int keys) {
    long moments = OnlineLeverage.bytes(keyDim, power / 2);
    return moments == Long.MAX_VALUE
        ? moments
        : HEADER_BYTES + moments + (long) keys * KeptTokens.entryBytes(keyDim, valueDim);
  }

  private static long held(int keyDim, int valueDim, int power, int maxBytes) {
    return (maxBytes - bytes(keyDim, valueDim, power, 0)) / KeptTokens.entryBytes(keyDim, valueDim);
  }

  /** Returns how many keys the bytes hold; without outliers at most those that can be heavy. */
  private static int capacity(
      int keyDim, int valueDim, int power, double eps, boolean fills, int maxBytes) {
    long held = held(keyDim, valueDim, power, maxBytes);
    double heavy = OnlineLeverage.order(keyDim, power / 2) * SLACK / eps;
    return (int) (fills ? held : Math.min(heavy, (double) held));
  }

  /** Returns the length d of a key. */
  public int keyDim() {
    return kept.keyDim();
  }

  /** Returns the length dv of a value. */
  public int valueDim() {
    return kept.valueDim();
  }

  /** Returns the even power p that stands for exp. */
  public int power() {
    return power;
  }

  /** Returns the maximum number of keys in this set. */
  public int capacity() {
    return capacity;
  }

  /** Returns the number of keys that the set has room for now, at most {@link #capacity()}. */
  int room() {
    return room;
  }

  /** Changes the room. A set that is overfull then stays so until {@link #evict}. */
  void room(int keys) {
    room = keys;
  }

  /** Returns whether there are more keys than room. */
  boolean isOverfull() {
    return kept.count() > room;
  }

  /** Returns the bound on {@link #stateBytes()} if the set had room for this many keys. */
  int bytesFor(int keys) {
    return (int) bytes(keyDim(), valueDim(), power, keys);
  }

  /**
   * Returns the guaranteed share: all keys with more than this share of the weight of any query are
   * in this set. It is eps unless tokens had to be evicted, and 1 if nothing is guaranteed.
   */
  public double guaranteedShare() {
    return Math.min(1, Math.max(eps, evicted * SLACK));
  }

  /** Returns the number of tokens in this set. */
  public long tokenCount() {
    return kept.tokens();
  }

  /** Returns the range of the values in this set. */
  public ValueRange valueRange() {
    ValueRange range = new ValueRange(valueDim());
    range.include(answering());
    return range;
  }

  /**
   * Returns the tokens in this set. Tokens of equal keys are one, with the sum of their weights.
   */
  public TokenBlock tokens() {
    boolean[] all = new boolean[kept.count()];
    Arrays.fill(all, true);
    return kept.block(all, 1, exponent);
  }

  /**
   * Announces tokens that will be offered first. Until {@link #settle}, leverages are those against
   * all of them.
   *
   * @param known tokens with the dimensions of this set
   */
  public void expect(TokenBlock known) {
    expected = new OnlineLeverage(keyDim(), power / 2);
    expected.add(weighed(known));
  }

  /** Ends what {@link #expect} began: leverages are those against the tokens offered. */
  public void settle() {
    expected = null;
  }

  private OnlineLeverage reference() {
    return expected == null || expected.mass() < leverage.mass() ? leverage : expected;
  }

  /** States a block, this set and what it expects relative to the same exponent. */
  private TokenBlock weighed(TokenBlock block) {
    answering = null;
    TokenBlock normal = block.normalized();
    long common = leverage.mass() > 0 ? Math.max(exponent, normal.exponent()) : normal.exponent();
    if (leverage.mass() > 0 && common != exponent) {
      double factor = powerOfTwo(exponent - common);
      leverage.scale(factor);
      kept.scale(factor);
    }
    if (expected != null && common != exponent) {
      expected.scale(powerOfTwo(exponent - common));
    }
    exponent = common;
    return normal.withExponent(common);
  }

  private static double powerOfTwo(long exponent) {
    return Math.scalb(1.0, (int) Math.max(-2_000, Math.min(1_000, exponent)));
  }

  /**
   * Offers a block of tokens to this set.
   *
   * @param block tokens and retractions, with the dimensions of this set
   * @return what the other sketch must fold: tokens of the block that are not heavy, earlier tokens
   *     that are no longer heavy, and retractions of tokens that are not in this set
   * @throws IllegalArgumentException if the dimensions differ
   */
  public TokenBlock offer(TokenBlock block) {
    TokenBlock returned = offerWithoutEvicting(block);
    returned.append(evict());
    return returned;
  }

  /** Offers a block as {@link #offer} does, but may leave the set overfull. */
  TokenBlock offerWithoutEvicting(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    TokenBlock weighed = weighed(block);
    leverage.add(weighed);
    long random = SplitMix64.mix(Double.doubleToRawLongBits(leverage.mass()));
    boolean[] gone = new boolean[weighed.count()];
    TokenBlock returned = weighed.slice(0, 0);
    for (int j = 0; j < weighed.count(); j++) {
      if (weighed.signs()[j] < 0) {
        gone[j] = retractArrived(weighed, j, gone) || kept.retract(weighed, j, random + j);
      }
    }
    OnlineLeverage reference = reference();
    for (int j = 0; j < weighed.count(); j++) {
      if (gone[j]) {
        continue;
      }
      int home = weighed.signs()[j] < 0 ? -1 : kept.find(weighed, j);
      if (home >= 0) {
        kept.join(home, weighed, j, ~random + j);
      } else if (weighed.signs()[j] > 0 && staysOut(reference, weighed, j)) {
        kept.add(weighed, j);
      } else {
        returned.append(weighed, j);
      }
    }
    if (isOverfull()) {
      returned.append(prune());
    }
    return returned;
  }

  /**
   * Returns whether a retraction takes back a token of this set.
   *
   * @param retraction one retraction, weighed as the token was
   */
  boolean keeps(TokenBlock retraction) {
    return kept.keeps(retraction.withExponent(exponent), 0);
  }

  private boolean staysOut(OnlineLeverage reference, TokenBlock block, int j) {
    double weight = block.weight(j);
    double current = reference.of(block.keys(), j * keyDim(), weight);
    return isHeavy(reference, current, weight, 1);
  }

  /** Marks the newest token before a retraction in the same block that it takes back. */
  private boolean retractArrived(TokenBlock block, int retraction, boolean[] gone) {
    int d = keyDim();
    int dv = valueDim();
    for (int j = retraction - 1; j >= 0; j--) {
      if (!gone[j]
          && block.signs()[j] > 0
          && block.biases()[j] == block.biases()[retraction]
          && KeptTokens.equal(block.keys(), j * d, block.keys(), retraction * d, d)
          && KeptTokens.equal(block.values(), j * dv, block.values(), retraction * dv, dv)) {
        gone[j] = true;
        return true;
      }
    }
    return false;
  }

  /** Returns whether a key of some leverage and weight is kept while there is room. */
  private boolean isHeavy(OnlineLeverage reference, double current, double weight, int tokens) {
    if (current >= eps / SLACK) {
      return true;
    }
    if (!fills || !(weight > 0)) {
      return false;
    }
    double n = Math.max(2, reference.mass() / weight * tokens);
    return reference.timesAverage(current, weight) >= OUTLIER * largestOfNormalKeys(n);
  }

  /**
   * Returns how many times the average the largest of n leverages of normally distributed keys is.
   * For p = 2 the leverages are chi-squared with d degrees of freedom (Laurent and Massart, Annals
   * of Statistics 28, 2000, lemma 1); for larger p they are powers of such.
   */
  private double largestOfNormalKeys(double n) {
    double perDegree = Math.log(n) / keyDim();
    return Math.pow(1 + 2 * Math.sqrt(perDegree) + 2 * perDegree, power / 2.0);
  }

  /**
   * Merges another set into this one. The other set is not changed.
   *
   * @param other a set with the same dimensions, power, eps and bytes
   * @return what the other sketch must fold, in addition to what either set has returned before
   * @throws IncompatibleSketchException if the dimensions, the power, eps or the bytes differ
   */
  public TokenBlock merge(HeavyKeys other) {
    TokenBlock returned = mergeWithoutEvicting(other);
    returned.append(evict());
    return returned;
  }

  /** Merges as {@link #merge} does, but may leave the set overfull. */
  TokenBlock mergeWithoutEvicting(HeavyKeys other) {
    if (other.keyDim() != keyDim()
        || other.valueDim() != valueDim()
        || other.power != power
        || other.fills != fills
        || other.eps != eps) {
      throw new IncompatibleSketchException(
          "Cannot merge heavy keys: dimensions, power and eps must be equal.");
    }
    settle();
    if (other.leverage.mass() > 0) {
      weighed(none().weighted(other.exponent, j -> 0));
      double factor = powerOfTwo(other.exponent - exponent);
      leverage.merge(other.leverage, factor);
      kept.add(other.kept, factor, Double.doubleToRawLongBits(leverage.mass()));
    }
    evicted = Math.max(evicted, other.evicted);
    room = Math.max(room, other.room);
    return isOverfull() ? prune() : none();
  }

  private TokenBlock none() {
    return kept.block(new boolean[kept.count()], 1, exponent);
  }

  /**
   * Drops every token that is no longer heavy. Apart from rounding, the remaining tokens do not
   * depend on the order of arrival, unless tokens have been evicted.
   *
   * @return the dropped tokens, for the other sketch to fold
   */
  public TokenBlock prune() {
    OnlineLeverage reference = reference();
    double[] leverages = leverages();
    boolean[] goes = new boolean[leverages.length];
    for (int e = 0; e < goes.length; e++) {
      goes[e] = !isHeavy(reference, leverages[e], kept.weight(e), kept.tokens(e));
    }
    return take(goes);
  }

  /** Drops the keys of least leverage for which there is no room. */
  TokenBlock evict() {
    double[] leverages = leverages();
    boolean[] goes = new boolean[leverages.length];
    Integer[] order = new Integer[leverages.length];
    Arrays.setAll(order, e -> e);
    // Stable, so that of equal leverages the older token is dropped first.
    Arrays.sort(order, Comparator.comparingDouble(e -> leverages[e]));
    for (int rank = 0; rank < order.length - room; rank++) {
      goes[order[rank]] = true;
      if (leverages[order[rank]] >= eps / SLACK) {
        evicted = Math.max(evicted, leverages[order[rank]]);
      }
    }
    return take(goes);
  }

  private TokenBlock take(boolean[] goes) {
    answering = null;
    TokenBlock taken = kept.block(goes, RETURNED_AS, exponent);
    kept.removeAll(goes);
    return taken;
  }

  private double[] leverages() {
    OnlineLeverage reference = reference();
    double[] leverages = new double[kept.count()];
    for (int e = 0; e < leverages.length; e++) {
      leverages[e] = reference.of(kept.keys(), e * keyDim(), kept.weight(e));
    }
    return leverages;
  }

  /** Returns the leverage of every token of a block of this set's exponent that was offered. */
  double[] leverages(TokenBlock block) {
    double[] leverages = new double[block.count()];
    for (int j = 0; j < leverages.length; j++) {
      leverages[j] = leverage.of(block.keys(), j * keyDim(), block.weight(j));
    }
    return leverages;
  }

  /**
   * Adds the exact softmax sums of the tokens in this set.
   *
   * @param sums sums, one row per query
   * @param queries query vectors of length d
   */
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    ExactSketch.addTo(sums, queries, answering());
  }

  private TokenBlock answering() {
    if (answering == null) {
      answering = tokens();
    }
    return answering;
  }

  /** Returns the exact length of {@link #toByteArray()}, at most the bound of the constructor. */
  public int stateBytes() {
    return bytesFor(kept.count());
  }

  /** Returns the whole state. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    write(out);
    return out.toByteArray();
  }

  /** Writes the whole state, {@link #stateBytes} long. */
  void write(WireWriter out) {
    settle();
    out.putByte('O');
    out.putByte('H');
    out.putByte(FORMAT);
    out.putByte(power + (fills ? FILLS : 0));
    out.putInt(keyDim());
    out.putInt(valueDim());
    out.putInt(maxBytes);
    out.putDouble(eps);
    out.putDouble(evicted);
    out.putLong(exponent);
    out.putInt(room);
    out.putInt(kept.count());
    leverage.write(out);
    kept.write(out);
  }

  /**
   * Reads what {@link #toByteArray} wrote. The result behaves bit for bit like the original.
   *
   * @param bytes the state
   * @return the set
   * @throws CorruptSketchException if the bytes are not a state of this class; memory stays bounded
   *     by a small multiple of {@code bytes.length}
   */
  public static HeavyKeys heapify(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    HeavyKeys heavy = read(in);
    in.expectEnd();
    return heavy;
  }

  /** Reads what {@link #write} wrote. */
  static HeavyKeys read(WireReader in) {
    in.require(HEADER_BYTES);
    if (in.getByte() != 'O' || in.getByte() != 'H' || in.getByte() != FORMAT) {
      throw new CorruptSketchException("the bytes do not start with OH and format " + FORMAT);
    }
    int kind = in.getByte();
    boolean fills = kind >= FILLS;
    int power = kind - (fills ? FILLS : 0);
    int keyDim = in.getInt("key dim", 1, Preamble.MAX_DIM);
    int valueDim = in.getInt("value dim", 1, Preamble.MAX_DIM);
    int maxBytes = in.getInt("byte bound", 0, Integer.MAX_VALUE);
    double eps = in.getDouble();
    double evicted = in.getDouble();
    long exponent = in.getLong();
    if (power < 2 || power > MAX_POWER || power % 2 != 0) {
      throw new CorruptSketchException("power is %d, not 2, 4 or 6".formatted(power));
    }
    if (!(eps > 0 && eps <= 1) || !(evicted >= 0 && evicted <= 1)) {
      throw new CorruptSketchException(
          "eps is %s and evicted leverage is %s; expected (0, 1] and [0, 1]"
              .formatted(eps, evicted));
    }
    if (bytes(keyDim, valueDim, power, 1) > maxBytes) {
      throw new CorruptSketchException("the byte bound does not hold one token");
    }
    if (fills && eps != fillingEps(keyDim, valueDim, power, maxBytes)) {
      throw new CorruptSketchException("eps %s does not follow from the bytes".formatted(eps));
    }
    int capacity = capacity(keyDim, valueDim, power, eps, fills, maxBytes);
    int room = in.getInt("room", 0, capacity);
    int count = in.getInt("keys", 0, room);
    in.require(bytes(keyDim, valueDim, power, count) - HEADER_BYTES);
    OnlineLeverage leverage = OnlineLeverage.read(in, keyDim, power / 2);
    HeavyKeys heavy = new HeavyKeys(keyDim, valueDim, power, eps, fills, maxBytes, leverage);
    heavy.evicted = evicted;
    heavy.exponent = exponent;
    heavy.room = room;
    heavy.kept = KeptTokens.read(in, keyDim, valueDim, count);
    return heavy;
  }
}
