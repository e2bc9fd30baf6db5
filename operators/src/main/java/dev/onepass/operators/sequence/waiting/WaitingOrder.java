// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.sequence.waiting.WaitingEntry.Reason;
import dev.onepass.sketch.background.Preparation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/** The order of one sequence's waiting events: by tokens, by deadline and by turn. */
public final class WaitingOrder {

  /** The order of a sequence without waiting events. */
  static final WaitingOrder EMPTY = new WaitingOrder();

  private record Rank(long value, long number) implements Comparable<Rank> {
    private static final Comparator<Rank> ORDER =
        Comparator.comparingLong(Rank::value).thenComparingLong(Rank::number);

    @Override
    public int compareTo(Rank other) {
      return ORDER.compare(this, other);
    }
  }

  private final Map<Long, WaitingEntry> entries = new HashMap<>();
  private final TreeSet<Rank> byTokens = new TreeSet<>();
  private final TreeSet<Rank> byShare = new TreeSet<>();
  private final TreeSet<Rank> byDeadline = new TreeSet<>();
  private final TreeMap<Long, WaitingEntry> turns = new TreeMap<>();
  private long nextNumber;
  private int otherEvents;
  private long bytes;

  /** Since when events wait for their turn, and when they are polled next; 0 if unknown. */
  private long turnsSince;

  private long polledAt;
  private Preparation lacking;

  WaitingOrder() {}

  void add(long number, WaitingEntry entry) {
    entries.put(number, entry);
    nextNumber = Math.max(nextNumber, number + 1);
    bytes += entry.bytes();
    if (entry.reason().isTurn()) {
      turns.put(number, entry);
      otherEvents += entry.reason() == Reason.EVENT ? 1 : 0;
    } else {
      ranks(entry).add(new Rank(entry.tokens(), number));
      byDeadline.add(new Rank(entry.deadline(), number));
    }
  }

  void remove(long number) {
    WaitingEntry entry = entries.remove(number);
    bytes -= entry.bytes();
    if (entry.reason().isTurn()) {
      turns.remove(number);
      otherEvents -= entry.reason() == Reason.EVENT ? 1 : 0;
      if (turns.isEmpty()) {
        turnsSince = 0;
        polledAt = 0;
        lacking = null;
      }
    } else {
      ranks(entry).remove(new Rank(entry.tokens(), number));
      byDeadline.remove(new Rank(entry.deadline(), number));
    }
  }

  private SortedSet<Rank> ranks(WaitingEntry entry) {
    return entry.reason() == Reason.TOKENS ? byTokens : byShare;
  }

  WaitingEntry entry(long number) {
    return entries.get(number);
  }

  long nextNumber() {
    return nextNumber;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Returns the bytes of the events that count towards the bounds. */
  public long bytes() {
    return bytes;
  }

  /** Returns how many queries wait for tokens. */
  public int queries() {
    return byDeadline.size();
  }

  /** Returns whether events wait for their turn. */
  public boolean hasTurns() {
    return !turns.isEmpty();
  }

  /** Returns whether events other than queries, for example tokens, wait for their turn. */
  public boolean hasEvents() {
    return otherEvents > 0;
  }

  /** Returns the number of the event whose turn is next; an event must wait. */
  public long nextTurn() {
    return turns.firstKey();
  }

  /** Returns why an event waits. */
  public Reason reason(long number) {
    return entries.get(number).reason();
  }

  /**
   * Returns the smallest number of accepted tokens that a query waits for; {@link Long#MAX_VALUE}
   * if no query waits.
   *
   * @param share turns tokens of all shards into tokens of this shard; does not decrease
   */
  public long nextTokens(LongUnaryOperator share) {
    long plain = byTokens.isEmpty() ? Long.MAX_VALUE : byTokens.first().value();
    long shared = byShare.isEmpty() ? Long.MAX_VALUE : share.applyAsLong(byShare.first().value());
    return Math.min(plain, shared);
  }

  /**
   * Returns the numbers of the queries that wait for at most this many tokens, in the order of
   * their arrival.
   */
  public List<Long> reached(long accepted, LongUnaryOperator share) {
    List<Long> numbers = new ArrayList<>();
    addFirst(byTokens, tokens -> tokens <= accepted, numbers);
    addFirst(byShare, tokens -> share.applyAsLong(tokens) <= accepted, numbers);
    numbers.sort(null);
    return numbers;
  }

  /** Returns the numbers of the queries whose deadline has come, in the order of their arrival. */
  public List<Long> overdue(long now) {
    List<Long> numbers = new ArrayList<>();
    addFirst(byDeadline, deadline -> deadline <= now, numbers);
    numbers.sort(null);
    return numbers;
  }

  private static void addFirst(SortedSet<Rank> ranks, LongPredicate due, List<Long> numbers) {
    for (Rank rank : ranks) {
      if (!due.test(rank.value())) {
        return;
      }
      numbers.add(rank.number());
    }
  }

  /** Returns the deadline of a query that waits for tokens. */
  public long deadline(long number) {
    return entries.get(number).deadline();
  }

  /** Returns whether a query that waits for tokens has this deadline. */
  public boolean hasDeadline(long deadline) {
    Rank first = byDeadline.ceiling(new Rank(deadline, Long.MIN_VALUE));
    return first != null && first.value() == deadline;
  }

  /** Returns the work that the next turn waits for; null if unknown since a restart. */
  public Preparation lacking() {
    return lacking;
  }

  /** Notes the work that the next turn waits for. Its result stays in memory while it is noted. */
  public void lacking(Preparation preparation) {
    lacking = preparation;
  }

  /**
   * Returns when to poll the waiting turns next: soon at first, and less often the longer they
   * wait.
   *
   * @param shortest smallest delay in milliseconds
   * @param longest largest delay in milliseconds
   */
  public long pollAfter(long now, long shortest, long longest) {
    if (turnsSince == 0) {
      turnsSince = now;
    }
    polledAt = now + Math.max(shortest, Math.min(longest, (now - turnsSince) / 4));
    return polledAt;
  }

  /** Returns whether the waiting turns may be polled at that time. */
  public boolean isPolledAt(long time) {
    return hasTurns() && (polledAt == 0 || polledAt == time);
  }
}
