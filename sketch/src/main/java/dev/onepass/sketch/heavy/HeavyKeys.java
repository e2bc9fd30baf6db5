// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactSketch;
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
 * itself for p = 2), and {@code G = sum_j x_j x_j'}. By Cauchy-Schwarz {@code |q.k|^p / sum_j
 * |q.k_j|^p <= x' G^-1 x}, which is the leverage of x; for p = 2 the query G^-1 k attains it.
 * Leverages sum to at most D, so at most D / eps keys have a leverage of eps or more, however many
 * tokens there are.
 *
 * <p>One pass suffices ({@link OnlineLeverage}). G only grows, so leverages only fall. A token is
 * kept if its leverage against the tokens so far reaches eps, and may be dropped once its leverage
 * has fallen below eps, because a key that is heavy in the end was heavy all the time. {@link
 * #offer}, {@link #merge} and {@link #prune} return the tokens that this set does not hold or no
 * longer holds, so that the other sketch can fold them. Every token is therefore in exactly one of
 * the two places. The set is pruned only when it is full.
 *
 * <p>If the bytes do not hold all heavy keys, those of least leverage are evicted, and {@link
 * #guaranteedShare} weakens. The guarantee is: every key that was not retracted, and has more than
 * the guaranteed share of the weight of a query among all tokens ever offered, is in this set. It
 * holds for queries whose scores do not cancel: {@code sum_j |q.k_j|^p} must be at least 2^-19 of
 * its value for uncorrelated coordinates of x. (Beyond that, double precision cannot represent
 * leverages; 2^-30 of the diagonal is added to G.)
 *
 * <p>A token that is evicted early counts with its leverage at that time, so the first tokens are
 * best offered in one large block. Parts of an answer are added by their normalizers: if the
 * normalizer of the other sketch is far too low, as that of a polynomial is where logits exceed its
 * bound, the tokens in this set get too much weight.
 *
 * <p>Retracting a token of this set removes it; other retractions are returned. G keeps retracted
 * tokens, because the guarantee needs a matrix that only grows.
 *
 * <p>Folding a block costs D^2 multiplications per token and D^3 / 6 per block. Bytes, format 1,
 * little-endian:
 *
 * <pre>
 *   0     1     2        3       4            8              12             16      24         32
 *   +-----+-----+--------+-------+------------+--------------+--------------+-------+----------+
 *   | 'O' | 'H' | format | p     | key dim i4 | value dim i4 | max bytes i4 | eps f8| evicted  |
 *   |     |     | (1)    |       | d          | dv           |              |       | leverage |
 *   +-----+-----+--------+-------+------------+--------------+--------------+-------+----------+
 *   32       36                                                  f8: largest evicted leverage
 *   +--------+------------------------------+---------------+-----------------+
 *   | n (i4) | G, lower triangle, by rows   | keys          | values          |
 *   |        | (D (D + 1) / 2 x f8)         | (n x d x f4)  | (n x dv x f4)   |
 *   +--------+------------------------------+---------------+-----------------+
 * </pre>
 *
 * <p>Not safe for use by several threads.
 */
public final class HeavyKeys {

  private static final int HEADER_BYTES = 36;
  private static final int FORMAT = 1;
  private static final int MAX_POWER = 6;

  /** Factor by which a leverage may be too low because of the ridge and of rounding. */
  private static final double SLACK = 1 + 0x1p-10;

  private final int power;
  private final double eps;
  private final int maxBytes;
  private final int capacity;
  private final OnlineLeverage leverage;
  private TokenBlock kept;
  private double evicted;

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
    this(keyDim, valueDim, power, eps, maxBytes, null);
  }

  private HeavyKeys(
      int keyDim, int valueDim, int power, double eps, int maxBytes, OnlineLeverage leverage) {
    if (power < 2 || power > MAX_POWER || power % 2 != 0) {
      throw new IllegalArgumentException("power must be 2, 4 or 6, got " + power);
    }
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
    this.maxBytes = maxBytes;
    this.capacity = capacity(keyDim, valueDim, power, eps, maxBytes);
    this.leverage = leverage == null ? new OnlineLeverage(keyDim, power / 2) : leverage;
    this.kept = new TokenBlock(keyDim, valueDim, 0);
  }

  /**
   * Returns the bytes of a set of {@code tokens} tokens; {@link Long#MAX_VALUE} if no state can
   * hold it.
   */
  static long bytes(int keyDim, int valueDim, int power, int tokens) {
    long moments = OnlineLeverage.bytes(keyDim, power / 2);
    return moments == Long.MAX_VALUE
        ? moments
        : HEADER_BYTES + moments + (long) tokens * tokenBytes(keyDim, valueDim);
  }

  private static int tokenBytes(int keyDim, int valueDim) {
    return Float.BYTES * (keyDim + valueDim);
  }

  /** Returns how many tokens the bytes hold, but at most the number of tokens that can be heavy. */
  private static int capacity(int keyDim, int valueDim, int power, double eps, int maxBytes) {
    long held = (maxBytes - bytes(keyDim, valueDim, power, 0)) / tokenBytes(keyDim, valueDim);
    double heavy = OnlineLeverage.order(keyDim, power / 2) * SLACK / eps;
    return (int) Math.min(heavy, (double) held);
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

  /**
   * Returns the maximum number of tokens in this set: about D / eps, or fewer if the bytes hold
   * fewer.
   */
  public int capacity() {
    return capacity;
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
    return kept.count();
  }

  /** Returns the range of the values in this set. */
  public ValueRange valueRange() {
    ValueRange range = new ValueRange(valueDim());
    range.include(kept);
    return range;
  }

  /** Returns a copy of the tokens in this set. */
  public TokenBlock tokens() {
    return kept.slice(0, kept.count());
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
    block.requireDims(keyDim(), valueDim());
    TokenBlock returned = new TokenBlock(keyDim(), valueDim(), 0);
    TokenBlock arrived = new TokenBlock(keyDim(), valueDim(), 0);
    leverage.add(block);
    for (int j = 0; j < block.count(); j++) {
      if (block.signs()[j] > 0) {
        copy(block, j, arrived);
      } else if (!remove(block, j, arrived)) {
        copy(block, j, returned);
      }
    }
    if (arrived.count() > 0) {
      leverage.refresh();
      double[] leverages = leverages(arrived);
      for (int j = 0; j < arrived.count(); j++) {
        copy(arrived, j, leverages[j] >= threshold() ? kept : returned);
      }
    }
    fit(returned);
    return returned;
  }

  private boolean remove(TokenBlock block, int j, TokenBlock arrived) {
    TokenBlock token = block.slice(j, j + 1);
    return arrived.removeNewest(token.keys(), token.values(), token.biases()[0])
        || kept.removeNewest(token.keys(), token.values(), token.biases()[0]);
  }

  private static void copy(TokenBlock from, int j, TokenBlock to) {
    to.append(from, j);
  }

  /**
   * Merges another set into this one. The other set is not changed.
   *
   * @param other a set with the same dimensions, power and eps
   * @return what the other sketch must fold, in addition to what either set has returned before
   * @throws IncompatibleSketchException if the dimensions, the power or eps differ
   */
  public TokenBlock merge(HeavyKeys other) {
    if (other.keyDim() != keyDim()
        || other.valueDim() != valueDim()
        || other.power != power
        || other.eps != eps) {
      throw new IncompatibleSketchException(
          "Cannot merge heavy keys: dimensions, power and eps must be equal.");
    }
    leverage.merge(other.leverage);
    evicted = Math.max(evicted, other.evicted);
    kept.append(other.tokens());
    TokenBlock returned = new TokenBlock(keyDim(), valueDim(), 0);
    fit(returned);
    return returned;
  }

  /**
   * Drops every token whose leverage has fallen below eps. Apart from rounding, the remaining
   * tokens do not depend on the order of arrival, unless tokens have been evicted.
   *
   * @return the dropped tokens, for the other sketch to fold
   */
  public TokenBlock prune() {
    TokenBlock returned = new TokenBlock(keyDim(), valueDim(), 0);
    prune(returned);
    return returned;
  }

  private void fit(TokenBlock returned) {
    if (kept.count() > capacity) {
      prune(returned);
    }
  }

  private void prune(TokenBlock returned) {
    double[] leverages = leverages(kept);
    Integer[] order = new Integer[kept.count()];
    Arrays.setAll(order, j -> j);
    // Stable, so that of equal leverages the older token is dropped first.
    Arrays.sort(order, Comparator.comparingDouble(j -> leverages[j]));
    boolean[] goes = new boolean[order.length];
    for (int rank = 0; rank < order.length; rank++) {
      double current = leverages[order[rank]];
      boolean light = current < threshold();
      if (!light && order.length - rank > capacity) {
        evicted = Math.max(evicted, current);
      }
      goes[order[rank]] = light || order.length - rank > capacity;
    }
    TokenBlock stays = new TokenBlock(keyDim(), valueDim(), 0);
    for (int j = 0; j < goes.length; j++) {
      copy(kept, j, goes[j] ? returned : stays);
    }
    kept = stays;
  }

  private double threshold() {
    return eps / SLACK;
  }

  /** Returns the leverage of every token of a block that was offered to this set. */
  double[] leverages(TokenBlock block) {
    return leverage.of(block);
  }

  /**
   * Adds the exact softmax sums of the tokens in this set.
   *
   * @param sums sums, one row per query
   * @param queries query vectors of length d
   */
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    ExactSketch.addTo(sums, queries, kept);
  }

  /** Returns the exact length of {@link #toByteArray()}, at most the bound of the constructor. */
  public int stateBytes() {
    return (int) bytes(keyDim(), valueDim(), power, kept.count());
  }

  /** Returns the whole state. */
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
    leverage.write(out);
    out.putFloats(kept.keys(), kept.count() * keyDim());
    out.putFloats(kept.values(), kept.count() * valueDim());
    return out.toByteArray();
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
    if (in.getByte() != 'O' || in.getByte() != 'H' || in.getByte() != FORMAT) {
      throw new CorruptSketchException("the bytes do not start with OH and format " + FORMAT);
    }
    int power = in.getByte();
    int keyDim = in.getInt("key dim", 1, Preamble.MAX_DIM);
    int valueDim = in.getInt("value dim", 1, Preamble.MAX_DIM);
    int maxBytes = in.getInt("byte bound", 0, Integer.MAX_VALUE);
    double eps = in.getDouble();
    double evicted = in.getDouble();
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
    int count = in.getInt("tokens", 0, capacity(keyDim, valueDim, power, eps, maxBytes));
    in.require(bytes(keyDim, valueDim, power, count) - HEADER_BYTES);
    OnlineLeverage leverage = OnlineLeverage.read(in, keyDim, power / 2);
    HeavyKeys heavy = new HeavyKeys(keyDim, valueDim, power, eps, maxBytes, leverage);
    heavy.evicted = evicted;
    float[] keys = in.getFloats(count * keyDim);
    heavy.kept = TokenBlock.of(keyDim, valueDim, count, keys, in.getFloats(count * valueDim));
    in.expectEnd();
    return heavy;
  }
}
